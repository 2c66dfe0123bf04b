// The bubblewrap engine: the argument list that builds the outer sandbox. Nothing of a job is in it (jobs
// travel in frames), so no job can add an option. Nothing of it depends on who we are: root first becomes a
// user that owns nothing, and then does as every user does.
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { jobEnv } from "./job.ts";
import { reachableByAnyone } from "./roots.ts";

/** How to start a warden. */
export interface Launch {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** User and group to start it as, when we are root and the program does not change them itself. */
  readonly uid?: number;
}

/** What the outer sandbox needs to know. */
export interface BubblewrapOptions {
  /** Path of bubblewrap. */
  readonly bwrap: string;
  /** The interpreter of the warden, as the sandbox sees it. */
  readonly python: string;
  /** The warden's first words, for `python -c`. */
  readonly bootstrap: string;
  /** Checked folders that are readable inside. */
  readonly roots: readonly string[];
  /** Whether we are root; then a user id that owns nothing. */
  readonly rootBecomes?: number;
}

// Of /etc only what programs cannot do without: no passwords, no keys, no host names. The warden adds a
// passwd of its own.
const ETC = [
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "alternatives",
  "localtime",
  "mime.types",
  "ssl/certs",
  "ssl/openssl.cnf",
];
const DEVICES = ["null", "zero", "full", "random", "urandom"];
const INSIDE_ID = "1000";

/** The command that starts a warden under bubblewrap. */
export function bubblewrapLaunch(options: BubblewrapOptions): Launch {
  const { roots, rootBecomes } = options;
  const hidden = rootBecomes === undefined ? [] : roots.filter((root) => !reachableByAnyone(root));
  const staged = new Map(hidden.map((root, index) => [root, `${STAGE}/${index}`]));
  const command = [options.bwrap, ...bubblewrapArguments(options, staged)] as const;
  if (rootBecomes === undefined) return { command };
  if (hidden.length === 0) return { command, uid: rootBecomes };
  return { command: staging(hidden, rootBecomes, command) };
}

/** bubblewrap's own arguments; `staged` says from where a root is bound, when not from its own path. */
export function bubblewrapArguments(
  options: BubblewrapOptions,
  staged: ReadonlyMap<string, string> = new Map(),
): string[] {
  return [
    // User namespace first: in it we may build the others, on the host we may nothing.
    ...["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"],
    ...["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "sandbox"],
    ...["--uid", INSIDE_ID, "--gid", INSIDE_ID],
    // For the warden, inside its own namespaces: each job gets new ones. Jobs have none of these.
    ...["CAP_SYS_ADMIN", "CAP_SETPCAP", "CAP_SYS_PTRACE"].flatMap((name) => ["--cap-add", name]),
    ...["--ro-bind", "/usr", "/usr"],
    ...["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap(systemFolder),
    ...ETC.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
    ...["--proc", "/proc", "--tmpfs", "/dev", "--dir", "/dev/shm"],
    ...DEVICES.flatMap((name) => ["--dev-bind", `/dev/${name}`, `/dev/${name}`]),
    ...[
      ["fd", ""],
      ["stdin", "/0"],
      ["stdout", "/1"],
      ["stderr", "/2"],
    ].flatMap(([name, number]) => [...["--symlink", `/proc/self/fd${number}`, `/dev/${name}`]]),
    ...["/tmp", "/run", "/scratch"].flatMap((folder) => ["--dir", folder]),
    ...options.roots.flatMap((root) => ["--ro-bind", staged.get(root) ?? root, root]),
    ...["--chdir", "/", "--clearenv"],
    ...Object.entries(jobEnv).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--", options.python, "-B", "-s", "-c", options.bootstrap],
  ];
}

// A distribution has /lib as a link into /usr, or as a folder.
function systemFolder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (lstatSync(path).isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
  return ["--ro-bind", path, path];
}

const STAGE = "/mnt";

// Folders below a closed one (/root, say) are bound in a mount namespace of our own where the user that root
// becomes can reach them; then root is given up and nothing of it is left.
const STAGING = `
set -e
uid=$1 count=$2; shift 2
mount -t tmpfs -o mode=0755 none ${STAGE}
index=0
while [ "$index" -lt "$count" ]; do
  mkdir "${STAGE}/$index"
  mount --bind -- "$1" "${STAGE}/$index"
  shift
  index=$((index + 1))
done
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all -- "$@"
`;

function staging(hidden: readonly string[], uid: number, command: readonly string[]): [string, ...string[]] {
  const shell = ["sh", "-c", STAGING, "sh", String(uid), String(hidden.length), ...hidden, ...command];
  return ["unshare", "--mount", "--propagation", "private", "--", ...shell];
}
