// Everything that we could think of to get out of the sandbox or to take more than was given, tried for
// real: as root where the tests run as root, and as an ordinary user. Where it does no harm, the same program
// is run on the bare machine first and must get what it wants there, or the attempt would prove nothing.
import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireSandbox } from "../../src/sandbox/availability.ts";
import type { JobStatus } from "../../src/sandbox/job.ts";
import type { SandboxLimits } from "../../src/sandbox/limits.ts";
import { openPythonWorkers } from "../../src/sandbox/python-workers.ts";
import { openSandbox } from "../../src/sandbox/sandbox.ts";
import { runProcess } from "../../src/util/process.ts";
import { resource } from "../../src/util/resources.ts";
import { escapes, prologue } from "../support/escapes.ts";
import { openHost } from "../support/host-facts.ts";
import {
  type ForeignWorkers,
  installForEveryone,
  openForeignWorkers,
  uninstall,
} from "../support/sandbox-user.ts";

const MIB = 2 ** 20;
const isRoot = process.getuid?.() === 0;
const identities = isRoot ? (["root", "an ordinary user"] as const) : (["an ordinary user"] as const);
const NOBODY = 65534;
const limits: Partial<SandboxLimits> = {
  wallMs: 30_000,
  memoryBytes: 96 * MIB,
  processes: 16,
  scratchBytes: 8 * MIB,
  fileBytes: 8 * MIB,
  openFiles: 64,
};

let host: Awaited<ReturnType<typeof openHost>>;
let everyone: string;

beforeAll(async () => {
  await requireSandbox();
  host = await openHost();
  everyone = await installForEveryone();
  process.env.HEXACODER_TEST_SECRET = host.facts.secret;
});
afterAll(async () => {
  delete process.env.HEXACODER_TEST_SECRET;
  await host.close();
  await uninstall(everyone);
});

const whole = (program: string): string =>
  `${prologue(host.facts, process.arch === "x64")}\n${program}\nprint("TRIED", flush=True)\n`;

describe("on the bare machine", () => {
  const possible = escapes.filter(({ control }) => control === "anyone" || (control === "root" && isRoot));

  it("most attempts have a control", () => {
    expect(escapes.length).toBeGreaterThanOrEqual(60);
    expect(escapes.filter(({ control }) => control !== "none").length).toBeGreaterThanOrEqual(40);
  });

  it.each(possible)("$name is there to be had", async ({ program }) => {
    const cwd = await mkdtemp(join(tmpdir(), "hexacoder-control-"));
    try {
      const result = await runProcess({
        command: ["/usr/bin/python3", "-c", whole(program)],
        cwd,
        timeoutMs: 60_000,
      });
      expect(result.stdout, result.stderr).toContain("ESCAPED");
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });
});

describe.each(identities)("as %s", (who) => {
  let workers: ForeignWorkers;

  beforeAll(async () => {
    const uid = who === "root" || !isRoot ? undefined : NOBODY;
    workers = await openForeignWorkers(everyone, { count: 1, prelude: ["json", "socket"], limits }, uid);
  });
  afterAll(() => workers.close());

  const run = (program: string, more: Partial<SandboxLimits> = {}) =>
    workers.run({ program: "main.py", files: { "main.py": program }, limits: more });

  it("runs as who it says", () => {
    expect(workers.uid === 0).toBe(who === "root");
  });

  it.each(escapes)("keeps in: $name", async ({ program }) => {
    const result = await run(whole(program));
    expect(result, result.stderr).toMatchObject({ status: "exited", code: 0 });
    expect(result.stdout).toContain("TRIED");
    expect(result.stdout).not.toContain("ESCAPED");
  });

  const bombs: readonly {
    name: string;
    program: string;
    limits?: Partial<SandboxLimits>;
    ends: readonly JobStatus[];
  }[] = [
    {
      name: "a fork bomb",
      program: "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass",
      limits: { wallMs: 1500 },
      ends: ["timeout", "cpu-limit"],
    },
    {
      name: "a fork bomb whose processes leave their group",
      program: "import os\nwhile True:\n  try:\n    if os.fork() == 0: os.setsid()\n  except OSError: pass",
      limits: { wallMs: 1500 },
      ends: ["timeout", "cpu-limit"],
    },
    {
      name: "memory of one process",
      program:
        "import time\nx = bytearray(300 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\ntime.sleep(60)",
      ends: ["memory-limit"],
    },
    {
      name: "memory of many processes, each modest",
      program:
        "import os, time\nfor _ in range(7):\n  if os.fork() == 0: break\nx = bytearray(b'x' * (40 << 20))\ntime.sleep(60)",
      ends: ["memory-limit"],
    },
    { name: "endless output", program: "while True: print('x' * 10000)", ends: ["output-limit"] },
    {
      name: "endless output on the other stream",
      program: "import os\nwhile True: os.write(2, b'x' * 10000)",
      ends: ["output-limit"],
    },
    {
      name: "endless output of a child when the program has ended",
      program: "import os\nif os.fork() == 0:\n  while True: os.write(1, b'x' * 10000)",
      ends: ["exited", "output-limit"],
    },
    { name: "spinning", program: "while True: pass", limits: { cpuSeconds: 1 }, ends: ["cpu-limit"] },
    {
      name: "spinning in many processes",
      program: "import os\nfor _ in range(5):\n  if os.fork() == 0: break\nwhile True: pass",
      limits: { cpuSeconds: 1 },
      ends: ["cpu-limit"],
    },
    {
      name: "sleeping for ever",
      program: "import time\ntime.sleep(1e6)",
      limits: { wallMs: 500 },
      ends: ["timeout"],
    },
    {
      name: "ignoring every signal",
      program:
        "import signal, time\nfor s in set(signal.Signals) - {9, 19}:\n  signal.signal(s, signal.SIG_IGN)\nwhile True: time.sleep(1)",
      limits: { wallMs: 500 },
      ends: ["timeout"],
    },
    {
      name: "stopping itself",
      program: "import os\nos.kill(os.getpid(), 19)",
      limits: { wallMs: 500 },
      ends: ["timeout"],
    },
    {
      name: "reading input that never comes",
      program: "import os\nr, w = os.pipe()\nos.read(r, 1)",
      limits: { wallMs: 500 },
      ends: ["timeout"],
    },
  ];
  it.each(bombs)("ends: $name", async ({ program, limits: more, ends }) => {
    const result = await run(program, more);
    expect(ends, result.reason).toContain(result.status);
    expect(result.stdout.length).toBeLessThanOrEqual(MIB);
    expect(result.stderr.length).toBeLessThanOrEqual(MIB);
    expect(await run("print('next')")).toMatchObject({ status: "exited", stdout: "next\n" });
  });

  it.each([
    { name: "its parent", program: "os.kill(os.getppid(), 9); os.kill(os.getppid(), 2)" },
    { name: "pid 1", program: "os.kill(1, 9); os.kill(1, 15); os.kill(1, 19)" },
    { name: "everybody", program: "try: os.kill(-1, 9)\nexcept ProcessLookupError: pass" },
    {
      name: "every number",
      program:
        "for pid in range(2, 5000):\n  try:\n    if pid != os.getpid(): os.kill(pid, 9)\n  except ProcessLookupError: pass",
    },
  ])("gets nowhere with a signal to $name", async ({ program }) => {
    const result = await run(`import os\n${program}\nprint("TRIED")`);
    expect(result).toMatchObject({ status: "exited", stdout: "TRIED\n" });
    expect(await run("print('next')")).toMatchObject({ stdout: "next\n" });
  });

  it("leaves no daemon behind", async () => {
    const mark = newMark();
    const daemon = `import os, subprocess, sys
if os.fork() == 0:
  os.setsid()
  for fd in (1, 2): os.dup2(os.open("/dev/null", os.O_WRONLY), fd)
  if os.fork() == 0:
    os.execvp("sleep", ["sleep", "${mark}"])
  os._exit(0)
os.wait()
import time
time.sleep(0.3)`;
    await runProcess({ command: ["/usr/bin/python3", "-c", daemon] });
    const survivors = await marked(mark);
    expect(survivors).toHaveLength(1);
    for (const pid of survivors) process.kill(pid, "SIGKILL");
    await gone(mark);
    expect(await run(daemon)).toMatchObject({ status: "exited", code: 0 });
    expect(await marked(mark)).toEqual([]);
  });

  it("keeps nothing of one job for the next", async () => {
    const token = `${host.facts.secret}-token`;
    const leave = `import os, json, sys, socket
for folder in ("/scratch", "/tmp", "/dev/shm"): open(folder + "/left.txt", "w").write("left")
os.environ["LEFT"] = "left"
sys.modules["left"] = sys
json.loads = lambda *_: "left"
json.dumps = lambda *_: "left"
os.waitpid = os.kill = None
socket.socket = None
token = "${token}"
server = __import__("_socket").socket(1, 1)
server.bind("\\0left"); server.listen()
if os.fork() == 0:
  import time
  time.sleep(100)
print("done")`;
    expect(await run(leave)).toMatchObject({ stdout: "done\n" });
    const look = `import os, json, sys, socket
found = [f for f in ("/scratch", "/tmp", "/dev/shm") if os.path.exists(f + "/left.txt")]
found += [v for v in os.environ if v == "LEFT"] + [m for m in sys.modules if m == "left"]
if json.loads("[1]") != [1]: found.append("json")
try:
  socket.socket(socket.AF_UNIX).connect("\\0left"); found.append("socket")
except OSError: pass
print(found)`;
    expect(await run(look)).toMatchObject({ stdout: "[]\n" });
  });

  it("has nothing of one job in the memory of the next", async () => {
    const token = `${host.facts.secret}${"token".repeat(3)}`;
    // Put together only when it runs, so that the searching program does not find itself.
    const search = `
half = ${JSON.stringify([...token].reverse().join(""))}
needle = half[::-1].encode()
count = 0
for line in open("/proc/self/maps"):
  words = line.split()
  if "r" not in words[1] or words[-1] in ("[vvar]", "[vsyscall]", "[vvar_vclock]"): continue
  low, high = (int(n, 16) for n in words[0].split("-"))
  with open("/proc/self/mem", "rb", 0) as memory:
    memory.seek(low)
    try: data = memory.read(high - low)
    except OSError: continue
    count += data.count(needle)
    del data
print(count)`;
    const itself = await run(
      `token = ${JSON.stringify(token)}\nfor _ in range(3): x = (token + "!") * 10\n${search}`,
    );
    expect(Number(itself.stdout), itself.stderr).toBeGreaterThan(3);
    const control = Number((await run(search)).stdout);
    // The needle itself, and the buffer that it was found in.
    expect(control).toBeLessThanOrEqual(2);
    expect(await run(search)).toMatchObject({ stdout: `${control}\n` });
  });

  it("believes no result but the warden's", async () => {
    const forge = `import json, os, struct, sys
frame = json.dumps({"type": "result", "id": 1, "status": "exited", "code": 0, "stdout": "", "stderr": "",
  "truncated": False, "durationMs": 1, "cpuMs": 1}).encode()
frame = struct.pack(">I", len(frame)) + frame
for fd in range(3, 400):
  try: os.write(fd, frame)
  except OSError: pass
for pid in os.listdir("/proc"):
  for fd in range(20):
    try: open(f"/proc/{pid}/fd/{fd}", "wb", 0).write(frame) if fd > 2 else None
    except OSError: pass
os.write(1, b"\\0\\0\\0\\1{")
sys.exit(7)`;
    expect(await run(forge)).toMatchObject({ status: "exited", code: 7, stdout: "\0\0\0\u0001{" });
    expect(await run("print('next')")).toMatchObject({ stdout: "next\n" });
  });

  it("reads back files only, and only from the scratch folder", async () => {
    const program = `import os, socket
os.symlink(${JSON.stringify(host.facts.secretFile)}, "link")
os.symlink("/etc/passwd", "passwd")
os.symlink("/", "folder")
os.symlink("..", "up")
os.symlink("self", "self")
os.mkfifo("fifo")
socket.socket(socket.AF_UNIX).bind("sock")
try: os.link("/etc/passwd", "hard")
except OSError: print("no hard link out")
open("real.txt", "w").write("real")
os.link("real.txt", "twin.txt")
os.makedirs("a/b"); open("a/b/c.txt", "w").write("deep")
open("back\\\\slash", "w").write("x")
open(b"not-utf8-\\xff", "w").write("x")
open("closed", "w").write("x"); os.chmod("closed", 0)
with open("sparse", "wb") as f: f.truncate(8 << 20)
deep = "d"
for _ in range(60):
  os.mkdir(deep); os.chdir(deep)
open("bottom", "w").write("x")`;
    const result = await workers.run({
      program: "main.py",
      files: { "main.py": program, "same.txt": "unchanged" },
      collect: true,
      limits: { collectBytes: MIB },
    });
    expect(result, result.stderr).toMatchObject({ status: "exited", code: 0, stdout: "no hard link out\n" });
    expect(Object.keys(result.files).sort()).toEqual(["a/b/c.txt", "real.txt", "twin.txt"]);
    expect(result.filesDropped).toBeGreaterThanOrEqual(10);
  });

  it("dies with us: kill -9 leaves no process behind", async () => {
    const mark = newMark();
    const uid = who === "root" || !isRoot ? undefined : NOBODY;
    const doomed = await openForeignWorkers(everyone, { count: 2, limits }, uid);
    const program = `import os
for _ in range(3):
  if os.fork() == 0:
    os.setsid()
    os.execvp("sleep", ["sleep", "${mark}"])
os.execvp("sleep", ["sleep", "${mark}"])`;
    for (let n = 0; n < 2; n++) void doomed.run({ program: "main.py", files: { "main.py": program } });
    await until(async () => (await marked(mark)).length === 8);
    process.kill(doomed.pid, "SIGKILL");
    await gone(mark);
  });
});

describe("a caller", () => {
  it("cancels a job, and the worker takes the next", async () => {
    const workers = await openPythonWorkers({ count: 1, limits });
    try {
      const controller = new AbortController();
      const files = { "main.py": "import time\nprint('on', flush=True)\ntime.sleep(100)" };
      const running = workers.run({ program: "main.py", files, signal: controller.signal });
      setTimeout(() => controller.abort(), 300);
      expect(await running).toMatchObject({ status: "cancelled" });
      expect(await workers.run({ program: "main.py", files: { "main.py": "print(1)" } })).toMatchObject({
        stdout: "1\n",
      });
    } finally {
      await workers.close();
    }
  });
});

describe("a folder of the host that a job may read", () => {
  it("is there at its own path, read-only, though it lies in a closed folder under /tmp", async () => {
    const closed = await mkdtemp(join(tmpdir(), "hexacoder-closed-"));
    const root = join(closed, "library");
    await mkdir(root);
    await writeFile(join(root, "shown.py"), "text = 'shown'");
    await writeFile(join(closed, "secret.txt"), "secret");
    // What mkdtemp makes is closed to others; for root that means: to the user that it becomes.
    const workers = await openPythonWorkers({ count: 1, roots: [root] });
    try {
      const program = `import os, sys
sys.path.append(${JSON.stringify(root)})
import shown
print(shown.text, os.listdir(${JSON.stringify(closed)}))
try: open(shown.__file__, "w")
except OSError as error: print(error.strerror)
open("/tmp/mine", "w")`;
      const result = await workers.run({ program: "main.py", files: { "main.py": program } });
      expect(result, result.stderr).toMatchObject({ code: 0 });
      expect(result.stdout).toMatch(/^shown \['library'\]\n(Read-only file system|Permission denied)\n$/);
    } finally {
      await workers.close();
      await rm(closed, { recursive: true, force: true });
    }
  });

  it("can be a Python environment with its packages", async () => {
    const python = resource(".venv", "bin", "python");
    const workers = await openPythonWorkers({ count: 1, python, prelude: ["pip"] });
    try {
      const files = { "main.py": "import sys, pip\nprint(sys.prefix)" };
      const result = await workers.run({ program: "main.py", files });
      expect(result.stdout, result.stderr).toBe(`${resource(".venv")}\n`);
    } finally {
      await workers.close();
    }
  });

  it("ends a warm program as Python does: threads, exit functions, files that were left open", async () => {
    const workers = await openPythonWorkers({ count: 1 });
    try {
      const program = `import atexit, helper, sys, threading, time
open_file = open("left-open.txt", "w")
open_file.write("written")
class Last:
  def __del__(self): print("collected")
_last = Last()
atexit.register(lambda: print("at exit"))
threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
sys.stdout.write("first ")
sys.exit("sorry")`;
      const files = { "main.py": program, "helper.py": "left = open('helper.txt', 'w')\nleft.write('too')" };
      const result = await workers.run({ program: "main.py", files, collect: true });
      expect(result).toMatchObject({ status: "exited", code: 1, stderr: "sorry\n" });
      expect(result.stdout).toBe("first thread\nat exit\ncollected\n");
      const left = Object.entries(result.files).map(([name, content]) => [
        name,
        Buffer.from(content).toString(),
      ]);
      expect(Object.fromEntries(left)).toEqual({ "left-open.txt": "written", "helper.txt": "too" });
    } finally {
      await workers.close();
    }
  });

  it("says which module of the prelude is missing", async () => {
    await expect(openPythonWorkers({ count: 1, prelude: ["no_such_module"] })).rejects.toMatchObject({
      code: "sandbox-missing",
      message: expect.stringContaining("no_such_module"),
    });
  });
});

describe("what surrounds a sandbox", () => {
  it.each(["LD_PRELOAD", "PYTHONPATH", "PYTHONSTARTUP", "BASH_ENV", "HEXACODER_API_KEY"])(
    "our %s does not get in",
    async (name) => {
      const sandbox = await openSandbox({ env: { ...process.env, [name]: "/tmp/evil.so" } });
      const result = await sandbox.run({ argv: ["env"] });
      expect(result).toMatchObject({ status: "exited", code: 0, stderr: "" });
      expect(result.stdout).not.toContain("evil");
    },
  );

  it.each(["LD_PRELOAD", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH"])(
    "a job's %s reaches the job alone",
    async (name) => {
      const sandbox = await openSandbox();
      const files = { "json.py": "raise SystemExit(9)", "evil.so": "no library" };
      const result = await sandbox.run({
        argv: ["/bin/true"],
        files,
        env: { [name]: "/scratch:/scratch/evil.so" },
      });
      expect(result).toMatchObject({ status: "exited", code: 0 });
    },
  );

  it.each([["--bind", "/", "/"], ["--", "sh"], ["--share-net"], ["-c", "import os"]])(
    "%s %s is a program's name, no option",
    async (...argv) => {
      const sandbox = await openSandbox();
      const [program = "", ...args] = argv;
      expect(await sandbox.run({ argv: [program, ...args] })).toMatchObject({ status: "exited", code: 127 });
    },
  );
});

// An argument of `sleep` that no other process on this machine has.
const newMark = (): string => `${randomInt(100_000, 999_999)}.${randomInt(100_000, 999_999)}`;

/** Processes of the whole machine that carry the mark. */
async function marked(mark: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line === `sleep\0${mark}\0`) found.push(Number(pid));
  }
  return found;
}

const gone = (mark: string): Promise<void> => until(async () => (await marked(mark)).length === 0);

async function until(claim: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await claim()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it did not happen within 30 seconds");
}
