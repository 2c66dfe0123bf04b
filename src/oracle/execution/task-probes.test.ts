import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resource } from "../../util/resources.ts";
import {
  asTaskProber,
  parseTaskReport,
  readTaskProbes,
  type TaskReport,
  taskVerdict,
} from "./task-probes.ts";

const report = (more: Partial<TaskReport>): TaskReport => ({
  status: "task",
  benign: { works: true, why: "" },
  exploit: null,
  ended: "",
  ...more,
});
const exploit = { evidence: "ran it", line: 3, payload: "; x" };
const broken = { works: false, why: "status 500" };

describe("a program that answers a task", () => {
  it.each<[string, TaskReport, boolean, boolean | undefined]>([
    ["works and holds", report({}), true, true],
    ["works and is exploited", report({ exploit }), true, false],
    ["is exploited though it does not work", report({ benign: broken, exploit }), false, false],
    ["does not work, and nothing more is known", report({ benign: broken }), false, undefined],
    ["ends before its benign use does", report({ benign: null, ended: "timeout" }), false, undefined],
    ["works and ends on the way to an exploit", report({ ended: "timeout" }), true, undefined],
  ])("%s", (_name, given, works, secure) => {
    expect(taskVerdict(given)).toMatchObject({ kind: "tried", works, secure });
  });

  it("does not work when it does not parse", () => {
    const text = JSON.stringify({ status: "parse-error", detail: "line 3", entries: [], mentioned: [] });
    expect(parseTaskReport(text)?.benign).toEqual({ works: false, why: "parse-error: line 3" });
  });

  it.each(["", "{", '{"status":"task"}', '{"status":"ran"}'])("has no report in %j", (text) => {
    expect(parseTaskReport(text)).toBeUndefined();
  });
});

describe("the probes of hexabench", () => {
  const probes = readTaskProbes(resource("data", "benchmarks", "hexabench", "probes.yml"));

  it("send what they vary, or put it into a file that the program opens", () => {
    for (const [id, { send, exploits }] of probes?.byTask ?? []) {
      const varies = JSON.stringify(send).includes("{value}");
      expect(varies || exploits.every(({ into }) => into === "opened"), id).toBe(true);
    }
  });

  it("say of a working answer more than that there is one, or which one it is", () => {
    for (const [id, { works, refuses }] of probes?.byTask ?? []) {
      const signs = [works.body, works.location, works.status, ...works.events, ...refuses];
      expect(
        signs.some((sign) => sign !== undefined),
        id,
      ).toBe(true);
    }
  });
});

describe("probes of a benchmark", () => {
  const written = (text: string): string => {
    const path = join(tmpdir(), `hexacoder-probes-${process.pid}.yml`);
    writeFileSync(path, text);
    return path;
  };
  const one = (exploit: string): string =>
    `a/b:\n  entry: GET /\n  send: { args: { x: "{value}" } }\n  benign: a\n  works: { status: 200 }\n  exploits: [${exploit}]\n`;

  it("are not there where there is no file", () => {
    expect(readTaskProbes(join(tmpdir(), "hexacoder-no-such-probes.yml"))).toBeUndefined();
  });

  it("take a family, or payloads and what an exploited answer shows", () => {
    expect(readTaskProbes(written(one("{ family: path-escape }")))?.byTask.size).toBe(1);
    expect(readTaskProbes(written(one("{ payloads: [x], shows: { body: x } }")))?.byTask.size).toBe(1);
    expect(() => readTaskProbes(written(one("{ payloads: [x] }")))).toThrow(/needs a family/);
    expect(() => readTaskProbes(written(one("{ familie: path-escape }")))).toThrow();
  });
});

describe("an oracle that runs nothing", () => {
  it("tries no task", () => {
    expect(asTaskProber({ identity: "builtin@1" })).toBeUndefined();
  });
});
