// Every pair under test/fixtures/repair: the codemods turn the one into the other, the gates let
// it through, and a second run finds nothing left to do. `.design` programs need a design.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type CweId, parseCweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import { type Language, languageOf } from "../core/language.ts";
import { createBuiltinOracle } from "../oracle/engines/builtin.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { resource } from "../util/resources.ts";
import { createCodemodRepairer } from "./codemod-repairer.ts";
import type { Repairer, RepairOutcome } from "./repairer.ts";
import { verifyRepair } from "./verify.ts";

const root = resource("test", "fixtures", "repair");

interface Fixture {
  readonly name: string;
  readonly language: Language;
  readonly cwe: CweId;
  readonly text: string;
  readonly after: string;
}

function fixtures(kind: "before" | "design"): Fixture[] {
  return readdirSync(root).flatMap((folder) => {
    const names = readdirSync(join(root, folder)).filter((name) => name.split(".")[1] === kind);
    const read = (name: string): string => readFileSync(join(root, folder, name), "utf8");
    return names.map((name) => ({
      name: `${folder}/${name.replace(`.${kind}`, "")}`,
      language: languageOf(name) ?? "python",
      cwe: parseCweId(folder),
      text: read(name),
      after: kind === "design" ? "" : read(name.replace(".before.", ".after.")),
    }));
  });
}

let oracles: Record<Language, SecurityOracle>;
let repairers: Record<Language, Repairer>;
beforeAll(async () => {
  const python = await createBuiltinOracle({ threatModels: ["remote"] });
  const c = await createBuiltinOracle({ threatModels: ["remote", "local"] });
  oracles = { python, c };
  repairers = {
    python: await createCodemodRepairer({ oracle: python }),
    c: await createCodemodRepairer({ oracle: c }),
  };
});

type Program = Pick<Fixture, "text" | "cwe" | "language">;

function fileOf({ text, language }: Pick<Fixture, "text" | "language">): SourceFile {
  return { path: language === "c" ? "program.c" : "program.py", language, text };
}

async function reportOf(program: Program): Promise<Finding[]> {
  const [result] = await oracles[program.language].scan([fileOf(program)]);
  return result?.status === "scanned"
    ? result.findings.filter(({ cwes, level }) => cwes.includes(program.cwe) && level !== "note")
    : [];
}

async function repair(program: Program): Promise<RepairOutcome> {
  const request = { file: fileOf(program), cwe: program.cwe, report: await reportOf(program) };
  return repairers[program.language].repair(request);
}

function textOf(outcome: RepairOutcome): string | undefined {
  return outcome.kind === "candidates" ? outcome.candidates[0]?.text : undefined;
}

describe("codemods", () => {
  it.each(fixtures("before"))("repair $name as written down", async (fixture) => {
    expect(textOf(await repair(fixture))).toBe(fixture.after);
  });

  it.each(fixtures("before"))("make a repair of $name that passes every gate", async (fixture) => {
    const { cwe, after, language } = fixture;
    const [file, report, oracle] = [fileOf(fixture), await reportOf(fixture), oracles[language]];
    const request = { file, cwe, report, candidate: after, detect: oracle, verify: [oracle] };
    const { accepted, checks } = await verifyRepair(request);
    expect({
      accepted,
      failed: Object.entries(checks).filter(([, { status }]) => status === "failed"),
    }).toEqual({
      accepted: true,
      failed: [],
    });
  });

  it.each(fixtures("before"))(
    "find nothing more to do in the repaired $name",
    async ({ after: text, ...fixture }) => {
      expect(await reportOf({ ...fixture, text })).toEqual([]);
    },
  );

  it.each(fixtures("design"))("say that $name needs a design", async (fixture) => {
    expect(await repair(fixture)).toMatchObject({ kind: "none", reason: "needs-design" });
  });

  it.each(["CWE-022/joined-name.py", "CWE-476/growing-list.c"])(
    "keep carriage returns at the ends of lines of %s",
    async (wanted) => {
      const fixture = fixtures("before").find(({ name }) => name === wanted);
      if (fixture === undefined) throw new Error(`There is no fixture ${wanted}.`);
      const text = fixture.text.replaceAll("\n", "\r\n");
      expect(textOf(await repair({ ...fixture, text }))).toBe(fixture.after.replaceAll("\n", "\r\n"));
    },
  );

  it("say that a program does not parse", async () => {
    const file = fileOf({ text: "def f(:\n", language: "python" });
    const outcome = await repairers.python.repair({ file, cwe: parseCweId("22"), report: [] });
    expect(outcome).toMatchObject({ kind: "none", reason: "unparsable" });
  });
});
