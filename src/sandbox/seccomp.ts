// The system call filter that every job gets: a classic BPF program for seccomp, made here from a table.
// The other walls (namespaces, no capabilities, no new privileges) already forbid nearly all of this; the
// filter keeps a job away from the parts of the kernel where such walls were broken before, and from the
// socket families that a network namespace does not cover (AF_VSOCK reaches a virtual machine's host).

/** A processor for which the numbers are known, as Node's `process.arch` names it. */
export type FilterArch = "x64" | "arm64";

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

// linux/filter.h, linux/seccomp.h, linux/audit.h
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_ANY_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;
const auditArch = { x64: 0xc000003e, arm64: 0xc00000b7 } satisfies Record<FilterArch, number>;
// Calls of the x32 interface have this bit and would pass by the numbers below.
const X32_BIT = 0x40000000;

// struct seccomp_data
const NUMBER_AT = 0;
const ARCH_AT = 4;
const argumentAt = (index: number, half: "low" | "high"): number => 16 + 8 * index + (half === "low" ? 0 : 4);

/** Calls that are refused whatever their arguments: number on x86-64 and on arm64 (undefined: not there). */
const refused: readonly (readonly [name: string, x64: number, arm64?: number])[] = [
  // Other processes' memory and descriptors
  ["ptrace", 101, 117],
  ["process_vm_readv", 310, 270],
  ["process_vm_writev", 311, 271],
  ["process_madvise", 440, 440],
  ["kcmp", 312, 272],
  ["pidfd_getfd", 438, 438],
  // Mounts, namespaces and roots
  ["mount", 165, 40],
  ["umount2", 166, 39],
  ["pivot_root", 155, 41],
  ["chroot", 161, 51],
  ["fsopen", 430, 430],
  ["fsconfig", 431, 431],
  ["fsmount", 432, 432],
  ["fspick", 433, 433],
  ["move_mount", 429, 429],
  ["open_tree", 428, 428],
  ["mount_setattr", 442, 442],
  ["unshare", 272, 97],
  ["setns", 308, 268],
  ["name_to_handle_at", 303, 264],
  ["open_by_handle_at", 304, 265],
  ["fanotify_init", 300, 262],
  ["quotactl", 179, 60],
  ["quotactl_fd", 443, 443],
  // The machine
  ["swapon", 167, 224],
  ["swapoff", 168, 225],
  ["reboot", 169, 142],
  ["kexec_load", 246, 104],
  ["kexec_file_load", 320, 294],
  ["init_module", 175, 105],
  ["finit_module", 313, 273],
  ["delete_module", 176, 106],
  ["settimeofday", 164, 170],
  ["clock_settime", 227, 112],
  ["clock_adjtime", 305, 266],
  ["adjtimex", 159, 171],
  ["sethostname", 170, 161],
  ["setdomainname", 171, 162],
  ["acct", 163, 89],
  ["syslog", 103, 116],
  ["vhangup", 153, 58],
  ["iopl", 172],
  ["ioperm", 173],
  ["modify_ldt", 154],
  ["uselib", 134],
  ["ustat", 136],
  ["sysfs", 139],
  ["personality", 135, 92],
  ["lookup_dcookie", 212, 18],
  ["nfsservctl", 180, 42],
  // Parts of the kernel with a history
  ["bpf", 321, 280],
  ["perf_event_open", 298, 241],
  ["userfaultfd", 323, 282],
  ["keyctl", 250, 219],
  ["add_key", 248, 217],
  ["request_key", 249, 218],
  ["io_uring_setup", 425, 425],
  ["io_uring_enter", 426, 426],
  ["io_uring_register", 427, 427],
  ["migrate_pages", 256, 238],
  ["move_pages", 279, 239],
  // Memory that belongs to no process and so would not be counted
  ["memfd_create", 319, 279],
  ["memfd_secret", 447, 447],
  ["shmget", 29, 194],
  ["shmat", 30, 196],
  ["shmctl", 31, 195],
];

const clone = { x64: 56, arm64: 220 };
const clone3 = { x64: 435, arm64: 435 };
const socket = { x64: 41, arm64: 198 };
const ioctl = { x64: 16, arm64: 29 };
const prlimit64 = { x64: 302, arm64: 261 };

// CLONE_NEWTIME 0x80 is no flag of clone: its lowest byte is the exit signal.
const NEW_NAMESPACES =
  0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;
// unix, inet, inet6, netlink (glibc asks it for addresses)
const SOCKET_FAMILIES = [1, 2, 10, 16];
// TIOCSTI and TIOCLINUX put input into a terminal.
const TERMINAL_INPUT = [0x5412, 0x541c];

/** One instruction: code, jump when true, jump when false, operand. */
type Instruction = readonly [code: number, yes: number, no: number, operand: number];

/** Whether a filter can be made for this processor. */
export function isFilterArch(arch: string): arch is FilterArch {
  return arch === "x64" || arch === "arm64";
}

/** The filter as the kernel takes it: instructions of eight bytes, little-endian. */
export function seccompFilter(arch: FilterArch): Buffer {
  const instructions: Instruction[] = [
    [LOAD_WORD, 0, 0, ARCH_AT],
    [JUMP_IF_EQUAL, 1, 0, auditArch[arch]],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD_WORD, 0, 0, NUMBER_AT],
    ...(arch === "x64" ? x32Refused : []),
    ...refused.flatMap(([_name, x64, arm64]) => refuse(arch === "x64" ? x64 : arm64)),
    // Without clone3 the C library takes clone, whose flags a filter can read.
    ...onCall(clone3[arch], [fail(ENOSYS)]),
    ...onCall(clone[arch], [
      ...loadArgument(0, "low"),
      [JUMP_IF_ANY_BIT, 0, 1, NEW_NAMESPACES],
      fail(EPERM),
      allow,
    ]),
    ...onCall(socket[arch], oneOf(SOCKET_FAMILIES, allow, fail(EAFNOSUPPORT), 0)),
    ...onCall(ioctl[arch], oneOf(TERMINAL_INPUT, fail(EPERM), allow, 1)),
    // Only one's own limits: another process's could be a job's init.
    ...onCall(prlimit64[arch], oneOf([0], allow, fail(EPERM), 0)),
    allow,
  ];
  const program = Buffer.alloc(instructions.length * 8);
  for (const [index, [code, yes, no, operand]] of instructions.entries()) {
    program.writeUInt16LE(code, index * 8);
    program.writeUInt8(yes, index * 8 + 2);
    program.writeUInt8(no, index * 8 + 3);
    program.writeUInt32LE(operand >>> 0, index * 8 + 4);
  }
  return program;
}

/** Names and numbers of what is refused whatever its arguments. */
export function refusedCalls(arch: FilterArch): ReadonlyMap<string, number> {
  return new Map(
    refused.flatMap(([name, x64, arm64]) => {
      const number = arch === "x64" ? x64 : arm64;
      return number === undefined ? [] : [[name, number] as const];
    }),
  );
}

const allow: Instruction = [RETURN, 0, 0, ALLOW];

const x32Refused: readonly Instruction[] = [[JUMP_IF_AT_LEAST, 0, 1, X32_BIT], fail(ENOSYS)];

function fail(errno: number): Instruction {
  return [RETURN, 0, 0, ERRNO | errno];
}

function loadArgument(index: number, half: "low" | "high"): Instruction[] {
  return [[LOAD_WORD, 0, 0, argumentAt(index, half)]];
}

function refuse(number: number | undefined): Instruction[] {
  return number === undefined ? [] : [[JUMP_IF_EQUAL, 0, 1, number], fail(EPERM)];
}

/** Runs `body`, which must return on every way, for one call only. */
function onCall(number: number, body: readonly Instruction[]): Instruction[] {
  return [[JUMP_IF_EQUAL, 0, body.length, number], ...body];
}

/** `hit` when the lower half of an argument (the kernel reads an int there) is among the values, else `miss`. */
function oneOf(
  values: readonly number[],
  hit: Instruction,
  miss: Instruction,
  argument: number,
): Instruction[] {
  return [
    ...loadArgument(argument, "low"),
    ...values.flatMap((value): Instruction[] => [[JUMP_IF_EQUAL, 0, 1, value], hit]),
    miss,
  ];
}
