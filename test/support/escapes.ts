// Attempts to get out of the sandbox, or to take more than was given. Each is a Python program that prints
// TRIED at its end and ESCAPED when it got what it wanted. `control` says where the same program, run on
// the bare machine, does get it: that is what shows that the program can tell. Attempts without a control
// would do harm there, or need something that a machine may lack.

/** What the programs know of the machine that they attack. */
export interface HostFacts {
  /** Ports on which the host answers, for 127.0.0.1 (TCP, UDP) and ::1 (0: it has no IPv6). */
  readonly tcp: number;
  readonly udp: number;
  readonly tcp6: number;
  /** A unix socket in the host's folder for temporary files, and the name of an abstract one. */
  readonly unixPath: string;
  readonly abstractName: string;
  /** A file and a folder of the host, the secret in the file, a file of this repository. */
  readonly secretFile: string;
  readonly outside: string;
  readonly secret: string;
  readonly repositoryFile: string;
}

/** One attempt. */
export interface Escape {
  /** What it tries. */
  readonly name: string;
  /** The program; `F` holds the facts, `libc` the C library, `errno()` and `syscall()` do what they say. */
  readonly program: string;
  /** Who gets it on the bare machine: anyone, root, or nobody dares to try. */
  readonly control: "anyone" | "root" | "none";
}

/** What comes before each program. */
export function prologue(facts: HostFacts, x64: boolean): string {
  return `
import ctypes, json, os, resource, signal, socket, stat, struct, subprocess, sys, threading, time
F = json.loads(${JSON.stringify(JSON.stringify(facts))})
X64 = ${x64 ? "True" : "False"}
libc = ctypes.CDLL(None, use_errno=True)
def syscall(x64, arm64, *args):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(x64 if X64 else arm64), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
def escaped(how=""):
    print("ESCAPED", how, flush=True)
def attempt(f):
    try:
        if f(): escaped()
    except (OSError, ValueError, AttributeError) as error:
        print("refused:", type(error).__name__, error)
def talk(s, address):
    s.settimeout(2)
    s.connect(address)
    s.sendall(b"hello")
    return s.recv(10) == b"hello"
def heard(x64, arm64, *args):
    # The kernel looked at the arguments instead of turning the call away.
    result = syscall(x64, arm64, *args)
    return result >= 0 or ctypes.get_errno() not in (1, 38)
`;
}

const attempt = (expression: string): string => `attempt(lambda: ${expression})`;

/** Attempts whose outcome the program sees itself. */
export const escapes: readonly Escape[] = [
  // ---- network ----
  {
    name: "TCP to the host's loopback",
    control: "anyone",
    program: attempt(`talk(socket.socket(), ("127.0.0.1", F["tcp"]))`),
  },
  {
    name: "TCP over IPv6",
    control: "none",
    program: attempt(`talk(socket.socket(socket.AF_INET6), ("::1", F["tcp6"]))`),
  },
  {
    name: "UDP to the host's loopback",
    control: "anyone",
    program: attempt(`talk(socket.socket(type=socket.SOCK_DGRAM), ("127.0.0.1", F["udp"]))`),
  },
  {
    name: "TCP to the internet",
    control: "none",
    program: attempt(`socket.create_connection(("192.0.2.1", 80), 2)`),
  },
  {
    name: "a name asked of the DNS",
    control: "none",
    program: attempt(`socket.getaddrinfo("example.com", 80)`),
  },
  {
    name: "a DNS packet by hand",
    control: "none",
    program: attempt(`socket.socket(type=socket.SOCK_DGRAM).sendto(b"x" * 20, ("192.0.2.53", 53))`),
  },
  {
    name: "a unix socket of the host",
    control: "anyone",
    program: attempt(`talk(socket.socket(socket.AF_UNIX), F["unixPath"])`),
  },
  {
    name: "an abstract unix socket of the host",
    control: "anyone",
    program: attempt(`talk(socket.socket(socket.AF_UNIX), "\\0" + F["abstractName"])`),
  },
  {
    name: "a raw socket",
    control: "root",
    program: attempt(`socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)`),
  },
  {
    name: "a packet socket",
    control: "root",
    program: attempt(`socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)`),
  },
  {
    name: "a socket to the virtual machine's host",
    control: "none",
    program: attempt(`socket.socket(40, socket.SOCK_STREAM)`),
  },
  {
    name: "a socket of the kernel's crypto interface",
    control: "none",
    program: attempt(`socket.socket(38, socket.SOCK_SEQPACKET)`),
  },
  {
    name: "another network interface than loopback",
    control: "none",
    program: attempt(`[name for _, name in socket.if_nameindex() if name != "lo"]`),
  },
  // ---- the host's files ----
  {
    name: "a secret file in the host's temporary folder",
    control: "anyone",
    program: attempt(`F["secret"] in open(F["secretFile"]).read()`),
  },
  {
    name: "a file of this repository",
    control: "anyone",
    program: attempt(`open(F["repositoryFile"]).read()`),
  },
  {
    name: "the home folders",
    control: "root",
    program: `for folder in ("/root", "/home"): ${attempt("os.listdir(folder)")}`,
  },
  { name: "the host's password hashes", control: "root", program: attempt(`open("/etc/shadow").read()`) },
  {
    name: "the host's name and machine id",
    control: "anyone",
    program: `for name in ("/etc/machine-id", "/etc/hostname", "/etc/fstab"): ${attempt("open(name).read()")}`,
  },
  {
    name: "our environment",
    control: "anyone",
    program: attempt(`F["secret"] in "".join(os.environ.values())`),
  },
  {
    name: "the environment of any process",
    control: "anyone",
    program: `for pid in filter(str.isdigit, os.listdir("/proc")):
    ${attempt(`F["secret"].encode() in open(f"/proc/{pid}/environ", "rb").read()`)}`,
  },
  {
    name: "the host's root through a process",
    control: "anyone",
    program: `for pid in filter(str.isdigit, os.listdir("/proc")):
    for way in ("root", "cwd/../../../.."):
        ${attempt(`open(f"/proc/{pid}/{way}" + F["secretFile"]).read()`)}`,
  },
  {
    name: "descriptors that were left open",
    control: "none",
    program: `extra = []
for fd in range(3, 300):
    try: extra.append(os.readlink(f"/proc/self/fd/{fd}"))
    except OSError: pass
if extra: escaped(extra)`,
  },
  { name: "/sys", control: "anyone", program: attempt(`os.listdir("/sys")`) },
  {
    name: "devices beyond the harmless ones",
    control: "anyone",
    program: `known = {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "shm"}
if set(os.listdir("/dev")) - known: escaped()`,
  },
  {
    name: "a device file made in the scratch folder",
    control: "root",
    program: `for kind, number in ((stat.S_IFBLK, os.makedev(8, 0)), (stat.S_IFCHR, os.makedev(1, 1))):
    ${attempt(`os.mknod(f"device{kind}", kind | 0o600, number) is None`)}`,
  },
  {
    name: "a kernel's setting opened for writing",
    control: "root",
    program: attempt(`os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY) >= 0`),
  },
  {
    name: "the magic key of the kernel",
    control: "none",
    program: attempt(`os.open("/proc/sysrq-trigger", os.O_WRONLY) >= 0`),
  },
  { name: "the kernel's log", control: "root", program: attempt(`heard(103, 116, 10, None, 0)`) },
  // ---- writing ----
  {
    name: "a file written outside",
    control: "anyone",
    program: `for folder in (F["outside"], "/", "/usr", "/usr/local/lib", "/etc", "/dev", "/run", "/var", "/root", "/home"):
    if folder != F["outside"] and os.path.isdir("/sys"): continue  # only where it harms nobody
    ${attempt(`open(folder + "/planted", "w")`)}`,
  },
  {
    name: "more than its share in /dev/shm",
    control: "anyone",
    program: `path = f"/dev/shm/fill{os.getpid()}"
try:
    for _ in range(24): open(path, "ab").write(bytes(1 << 20))
    escaped()
except OSError as error: print(error)
finally: os.path.exists(path) and os.remove(path)`,
  },
  {
    name: "more than its share of disk in many files",
    control: "anyone",
    program: `try:
    for n in range(48): open(f"fill{n}", "wb").write(bytes(1 << 19))
    escaped()
except OSError as error: print(error)`,
  },
  {
    name: "more than its share, spread over its folders",
    control: "anyone",
    program: `written = 0
for folder in (".", "/tmp", "/dev/shm"):
    path = f"{folder}/share{os.getpid()}"
    try:
        for _ in range(7): written += open(path, "ab").write(bytes(1 << 20))
    except OSError as error: print(error)
for folder in (".", "/tmp", "/dev/shm"):
    path = f"{folder}/share{os.getpid()}"
    os.path.exists(path) and os.remove(path)
if written > 9 << 20: escaped(written)`,
  },
  {
    name: "files without end and without content",
    control: "anyone",
    program: `try:
    for n in range(8000): open(f"empty{n}", "w").close()
    escaped()
except OSError as error: print(error)`,
  },
  {
    name: "a huge sparse file",
    control: "anyone",
    program: attempt(`open("sparse", "wb").truncate(1 << 38)`),
  },
  // ---- taking more ----
  {
    name: "open files without end",
    control: "anyone",
    program: attempt(`len([os.dup(0) for _ in range(300)]) == 300`),
  },
  {
    name: "more processes than allowed",
    control: "anyone",
    program: `children = []
try:
    for _ in range(40):
        pid = os.fork()
        if pid == 0:
            time.sleep(20)
            os._exit(0)
        children.append(pid)
    escaped()
except OSError as error: print(error)
for pid in children: os.kill(pid, 9)`,
  },
  {
    name: "more threads than allowed",
    control: "anyone",
    program: `done = threading.Event()
try:
    for _ in range(40): threading.Thread(target=done.wait, daemon=True).start()
    escaped()
except RuntimeError as error: print(error)
done.set()`,
  },
  {
    name: "memory in one piece beyond its address space",
    control: "anyone",
    program: `try:
    x = bytearray(700 << 20)
    escaped()
except MemoryError as error: print("MemoryError")`,
  },
  {
    name: "memory that belongs to no process",
    control: "anyone",
    program: `${attempt(`os.memfd_create("x") >= 0`)}
${attempt(`heard(29, 194, 0, 4096, 0o1600)`)}`,
  },
  {
    name: "its limits raised again",
    control: "none",
    program: `for kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_CORE):
    ${attempt("resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)) is None")}`,
  },
  {
    name: "another process's limits",
    control: "root",
    program: attempt(`resource.prlimit(os.getppid(), resource.RLIMIT_CORE)`),
  },
  { name: "a higher priority", control: "root", program: attempt("os.nice(-1) is not None") },
  {
    name: "a core dump",
    control: "none",
    program: `if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0): escaped()`,
  },
  // ---- other processes ----
  {
    name: "ptrace",
    control: "anyone",
    program: `pid = os.fork()
if pid == 0:
    if syscall(101, 117, 0, 0, None, None) == 0: escaped()
    os._exit(0)
os.waitpid(pid, 0)`,
  },
  {
    name: "tracing its parent",
    control: "none",
    program: attempt(`syscall(101, 117, 0x4206, os.getppid(), None, None) == 0`),
  },
  {
    name: "its parent's memory",
    control: "root",
    program: attempt(`os.open(f"/proc/{os.getppid()}/mem", os.O_RDWR) >= 0`),
  },
  {
    name: "memory across processes",
    control: "none",
    program: attempt(`heard(310, 270, os.getppid(), None, 0, None, 0, 0)`),
  },
  {
    name: "its parent's descriptors",
    control: "root",
    program: attempt(`os.listdir(f"/proc/{os.getppid()}/fd")`),
  },
  {
    name: "a descriptor of another process",
    control: "anyone",
    program: attempt(`heard(438, 438, os.pidfd_open(os.getpid()), 0, 0)`),
  },
  {
    name: "processes of the host in sight",
    control: "anyone",
    program: `if len([pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) > 10]) > 5: escaped()`,
  },
  // ---- privileges ----
  {
    name: "capabilities, now or later",
    control: "root",
    program: `for line in open("/proc/self/status"):
    name, _, value = line.partition(":")
    if name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") and int(value, 16): escaped(line)
    if name == "NoNewPrivs" and int(value) != 1: escaped(line)
    if name == "Seccomp" and int(value) != 2: escaped(line)`,
  },
  {
    name: "becoming root",
    control: "root",
    program: `for call in (os.setuid, os.setgid): ${attempt("call(0) is None")}`,
  },
  {
    name: "root's groups",
    control: "root",
    program: `if 0 in os.getgroups() + [os.getgid(), os.getuid()]: escaped()`,
  },
  {
    name: "a setuid program",
    control: "root",
    program: `out = subprocess.run(["su", "-c", "id -u", "root"], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/")
if out.stdout.strip() == "0": escaped()`,
  },
  {
    name: "a setuid program of its own",
    control: "none",
    program: `open("mine", "wb").write(open("/usr/bin/id", "rb").read())
os.chmod("mine", 0o6755)
if "uid=0" in subprocess.run(["./mine"], capture_output=True, text=True).stdout: escaped()`,
  },
  {
    name: "mounting",
    control: "none",
    program: `for kind in (b"tmpfs", b"proc", b"sysfs", b"cgroup2"):
    ${attempt(`libc.mount(b"none", b"/tmp", kind, 0, None) == 0`)}`,
  },
  {
    name: "the system made writable",
    control: "none",
    program: `for place in (b"/", b"/usr", b"/dev", b"/etc"):
    ${attempt("libc.mount(None, place, None, 32 | 4096, None) == 0")}`,
  },
  {
    name: "unmounting what covers the host",
    control: "none",
    program: attempt(`libc.umount2(b"/proc", 2) == 0`),
  },
  { name: "the new mount interface", control: "none", program: attempt(`heard(430, 430, b"tmpfs", 0)`) },
  { name: "chroot", control: "root", program: attempt(`os.chroot(".") is None`) },
  { name: "a user namespace", control: "anyone", program: attempt("libc.unshare(0x10000000) == 0") },
  {
    name: "a user namespace by clone",
    control: "anyone",
    program: `pid = syscall(56, 220, 0x10000000 | 17, 0, 0, 0, 0)
if pid == 0: os._exit(0)
if pid > 0:
    os.waitpid(pid, 0)
    escaped()`,
  },
  { name: "clone3", control: "anyone", program: attempt("heard(435, 435, None, 0)") },
  {
    name: "another namespace entered",
    control: "root",
    program: attempt(`libc.setns(os.open("/proc/self/ns/net", os.O_RDONLY), 0) == 0`),
  },
  { name: "a file by its handle", control: "root", program: attempt("heard(304, 265, -1, None, 0)") },
  // ---- the kernel ----
  { name: "a kernel module", control: "none", program: attempt(`heard(175, 105, None, 0, b"")`) },
  { name: "another kernel", control: "none", program: attempt(`heard(320, 294, -1, -1, 0, None, 0)`) },
  {
    name: "a key in the kernel's ring",
    control: "anyone",
    program: attempt(`syscall(248, 217, b"user", b"x", b"y", 1, -1) >= 0`),
  },
  { name: "the kernel's keys", control: "anyone", program: attempt("heard(250, 219, 6, -4, 0, 0)") },
  { name: "bpf", control: "root", program: attempt("heard(321, 280, 0, None, 0)") },
  { name: "perf", control: "root", program: attempt("heard(298, 241, None, 0, -1, -1, 0)") },
  { name: "userfaultfd", control: "root", program: attempt("heard(323, 282, 0)") },
  { name: "io_uring", control: "anyone", program: attempt("heard(425, 425, 0, None)") },
  {
    name: "the clock",
    control: "root",
    program: attempt("heard(227, 112, 0, ctypes.byref((ctypes.c_long * 2)(0, -1)))"),
  },
  { name: "a reboot", control: "root", program: attempt("heard(169, 142, 0, 0, 0, None)") },
  {
    name: "the host's name changed",
    control: "none",
    program: attempt(`socket.sethostname("taken") is None`),
  },
  { name: "ports of the machine", control: "none", program: attempt("X64 and syscall(172, 9999, 3) == 0") },
  {
    name: "input into a terminal",
    control: "none",
    program: `import fcntl
for fd in (0, 1, 2): ${attempt(`fcntl.ioctl(fd, 0x5412, b"x") is not None`)}`,
  },
];
