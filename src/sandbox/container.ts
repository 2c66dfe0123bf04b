// The container engine: where there is no bubblewrap (macOS, say) but a running docker or podman. One
// container a job: inside a container a job cannot be given namespaces of its own.

import { jobEnv } from "./job.ts";
import type { SandboxLimits } from "./limits.ts";

/** The image, unless the variable HEXACODER_SANDBOX_IMAGE names another; it is never pulled by us. */
export const DEFAULT_IMAGE = "python:3.12-slim";

/** What a container needs to know. */
export interface ContainerOptions {
  /** `docker` or `podman`, or a path of one. */
  readonly engine: string;
  /** An image with a Python. */
  readonly image: string;
  /** Its interpreter. */
  readonly python: string;
  /** The warden's first words. */
  readonly bootstrap: string;
  /** Folders readable inside. */
  readonly roots: readonly string[];
  /** A name of its own: killing the client does not kill the container. */
  readonly name: string;
  /** The limits of the one job. */
  readonly limits: SandboxLimits;
}

// The warden and the zygote beside the job.
const OWN_PROCESSES = 8;
const OWN_MEMORY = 128 * 1024 * 1024;

/** The command that starts a warden in a container. */
export function containerCommand(options: ContainerOptions): [string, ...string[]] {
  const { limits, roots } = options;
  const memory = String(limits.memoryBytes + limits.scratchBytes + OWN_MEMORY);
  const half = Math.ceil(limits.scratchBytes / 2);
  return [
    options.engine,
    ...["run", "--rm", "--interactive", "--pull", "never", "--name", options.name],
    ...["--network", "none", "--read-only", "--hostname", "sandbox", "--ipc", "private"],
    ...["--user", "65534:65534", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...[
      "--memory",
      memory,
      "--memory-swap",
      memory,
      "--pids-limit",
      String(limits.processes + OWN_PROCESSES),
    ],
    ...["--ulimit", "core=0", "--ulimit", `nofile=${limits.openFiles}`],
    ...["--tmpfs", `/scratch:rw,exec,nosuid,nodev,size=${half},mode=1777`],
    ...["--tmpfs", `/tmp:rw,exec,nosuid,nodev,size=${half},mode=1777`],
    ...["--shm-size", "1m", "--workdir", "/"],
    ...roots.flatMap((root) => ["--mount", `type=bind,source=${root},target=${root},readonly`]),
    ...Object.entries(jobEnv).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...["--entrypoint", options.python, options.image, "-B", "-s", "-c", options.bootstrap],
  ];
}
