// Every header that the repair includes exists: C's or POSIX's own, or one that the vulnerable
// program includes already.
import { failed, passed } from "../../gates/gate.ts";
import type { CProgram } from "../program.ts";
import type { CGate } from "./gate.ts";

const KNOWN = new Set(
  `assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
  stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
  aio arpa/inet cpio dirent dlfcn fcntl fmtmsg fnmatch ftw glob grp iconv langinfo libgen monetary mqueue
  ndbm net/if netdb netinet/in netinet/tcp nl_types poll pthread pwd regex sched search semaphore spawn
  strings stropts sys/ipc sys/mman sys/msg sys/resource sys/select sys/sem sys/shm sys/socket sys/stat
  sys/statvfs sys/time sys/times sys/types sys/uio sys/un sys/utsname sys/wait syslog tar termios trace
  ulimit unistd utime utmpx wordexp`
    .split(/\s+/)
    .map((name) => `${name}.h`),
);
const KNOWN_CPP =
  /^(c?(std\w+|string|math|errno|assert|ctype|limits|time)|string_view|vector|map|memory|fstream|iostream|sstream|algorithm|array|filesystem|span|optional)$/;

/** See the file's head. */
export const headers: CGate = ({ before, after }) => {
  const there = new Set(pathsOf(before));
  const unknown = pathsOf(after).filter((path) => !there.has(path) && !isKnown(path));
  return unknown.length === 0
    ? passed
    : failed(`Includes a header that is in no list of known ones: ${unknown.join(", ")}.`);
};

function isKnown(path: string): boolean {
  const name = path.replace(/^[<"]|[>"]$/g, "");
  return path.startsWith("<") && (KNOWN.has(name) || KNOWN_CPP.test(name));
}

function pathsOf(program: CProgram): string[] {
  return program.includeNodes().map((node) => node.child("path")?.text ?? node.text);
}
