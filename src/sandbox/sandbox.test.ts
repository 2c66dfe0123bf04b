import { homedir } from "node:os";
import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameReader } from "./_frames.ts";
import { sandboxAvailability } from "./availability.ts";
import { bubblewrapArguments, bubblewrapLaunch } from "./bubblewrap.ts";
import { containerCommand } from "./container.ts";
import { isInnerPath, jobEnv, toSpec } from "./job.ts";
import { completeLimits, defaultLimits } from "./limits.ts";
import { checkRoots, coveredRoots } from "./roots.ts";
import { openSandbox } from "./sandbox.ts";

describe("names of files", () => {
  it.each(["a", "a/b.py", "..a", "a..", ".hidden", "ä b"])("%j stays inside", (name) => {
    expect(isInnerPath(name)).toBe(true);
  });

  it.each(["", ".", "..", "../a", "a/../b", "a/..", "/a", "a//b", "a/", "./a", "a\\b", "a\0b"])(
    "%j is refused",
    (name) => {
      expect(isInnerPath(name)).toBe(false);
      expect(() => toSpec({ argv: ["x"], files: { [name]: "" } }, undefined)).toThrow(/cannot take/);
    },
  );

  it("a job's own path never leaves its folder", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        if (isInnerPath(name)) expect(posix.resolve("/scratch", name)).toMatch(/^\/scratch\/./s);
      }),
    );
  });
});

describe("a job", () => {
  it("gets none of our environment", () => {
    const { env } = toSpec({ argv: ["x"], env: { MINE: "1" } }, undefined);
    expect(env).toMatchObject({ MINE: "1", HOME: "/scratch" });
    const allowed = new Set([...Object.keys(jobEnv), "MINE"]);
    expect(Object.keys(env).filter((name) => !allowed.has(name))).toEqual([]);
    expect(Object.values(env).filter((value) => value === homedir())).toEqual([]);
  });

  it.each([
    { argv: ["a\0b"] as const },
    { argv: ["x"] as const, env: { "A=B": "1" } },
    { argv: ["x"] as const, cwd: "../.." },
    { program: "../main.py" },
  ])("%j is refused", (job) => {
    expect(() => toSpec(job, undefined)).toThrow(/cannot take/);
  });

  it("takes later limits over earlier ones", () => {
    const { limits } = toSpec({ argv: ["x"], limits: { wallMs: 2 } }, { wallMs: 1, processes: 3 });
    expect(limits).toEqual({ ...defaultLimits, wallMs: 2, processes: 3 });
  });

  it.each([{ wallMs: 0 }, { cpuSeconds: 1.5 }, { memoryBytes: -1 }, { openFiles: Number.NaN }])(
    "%j are no limits",
    (limits) => {
      expect(() => completeLimits(limits)).toThrow(/no limits/);
    },
  );
});

describe("folders to show", () => {
  it.each(["/", "/proc", "/sys/kernel", "/dev", "/etc", "/run/user", "relative", "/does/not/exist", "/tmp"])(
    "%s is refused",
    (root) => {
      expect(() => checkRoots([root])).toThrow(/cannot be shown/);
    },
  );

  it("the home folder is refused", () => {
    expect(() => checkRoots([homedir()])).toThrow(/home/);
  });

  it("doubles are one, and those under a job's own places are known", () => {
    expect(checkRoots(["/usr/lib/", "/usr/lib", "/usr/./lib"])).toEqual(["/usr/lib"]);
    expect(coveredRoots(["/tmp/venv", "/usr/lib"])).toEqual(["/tmp/venv"]);
  });
});

describe("bubblewrap's arguments", () => {
  const options = {
    bwrap: "/usr/bin/bwrap",
    python: "/usr/bin/python3",
    bootstrap: "pass",
    roots: ["/usr/share"],
  };
  const args = bubblewrapArguments(options);
  const text = args.join(" ");

  it.each(["user", "pid", "net", "ipc", "uts"])("leave the host's %s namespace", (name) => {
    expect(args).toContain(`--unshare-${name}`);
  });

  it("bind nothing of the host writable but the five harmless devices", () => {
    expect(args).not.toContain("--bind");
    const devices = args.flatMap((arg, index) => (arg === "--dev-bind" ? [args[index + 1]] : []));
    expect(devices).toEqual(["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]);
  });

  it("die with us, clear the environment, show no home", () => {
    expect(text).toContain("--die-with-parent");
    expect(text).toContain("--clearenv");
    expect(text).not.toMatch(/ \/(root|home|var|opt|srv|mnt)\b/);
  });

  it("end before the program, so that nothing after them is an option", () => {
    expect(args.slice(args.indexOf("--"))).toEqual(["--", "/usr/bin/python3", "-B", "-s", "-c", "pass"]);
  });

  it("are run as a user that owns nothing when we are root", () => {
    expect(bubblewrapLaunch({ ...options, rootBecomes: 12345 }).uid).toBe(12345);
    expect(bubblewrapLaunch(options)).not.toHaveProperty("uid");
  });
});

describe("a container's arguments", () => {
  const command = containerCommand({
    engine: "/usr/bin/docker",
    image: "image",
    python: "python3",
    bootstrap: "pass",
    roots: ["/srv/venv"],
    name: "name",
    limits: defaultLimits,
  });
  const text = command.join(" ");

  it.each([
    "--network none",
    "--read-only",
    "--cap-drop ALL",
    "--security-opt no-new-privileges",
    "--user 65534:65534",
    "--pids-limit 40",
    "--pull never",
    "--ulimit core=0",
    "type=bind,source=/srv/venv,target=/srv/venv,readonly",
  ])("have %s", (part) => {
    expect(text).toContain(part);
  });

  it("end with the image and the program", () => {
    expect(command.slice(-5)).toEqual(["image", "-B", "-s", "-c", "pass"]);
    expect(text).not.toMatch(/--privileged|--volume|docker\.sock/);
  });
});

describe("frames", () => {
  const ready = { type: "ready", python: "3.12" };

  it("come whole however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 7 })), fc.integer({ min: 1, max: 5 }), (cuts, count) => {
        let rest = Buffer.concat(Array.from({ length: count }, () => encodeFrame(ready)));
        const reader = new FrameReader();
        const got = cuts.flatMap((cut) => {
          const frames = reader.take(rest.subarray(0, cut));
          rest = rest.subarray(cut);
          return frames;
        });
        expect([...got, ...reader.take(rest)]).toEqual(Array.from({ length: count }, () => ready));
      }),
    );
  });

  it("that are too long or no frames are refused", () => {
    expect(() => new FrameReader().take(Buffer.from([0xff, 0, 0, 0]))).toThrow(RangeError);
    expect(() => new FrameReader().take(encodeFrame({ type: "else" }))).toThrow();
  });
});

describe("a machine without a sandbox", () => {
  it("is refused with exit code 3 and a remedy, before anything ran", async () => {
    await expect(openSandbox({ env: { PATH: "" } })).rejects.toMatchObject({
      code: "sandbox-missing",
      exitCode: 3,
      remedy: expect.stringMatching(/bubblewrap|docker/),
    });
    expect(await sandboxAvailability({ env: { PATH: "" } })).toMatchObject({ available: false });
  });
});
