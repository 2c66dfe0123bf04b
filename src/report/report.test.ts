import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type InventedRun, inventRun } from "../../test/fixtures/evaluation-run.ts";
import type { EvaluationSummary, Headline } from "../core/evaluation.ts";
import { headlineSentence } from "./sections/headline.ts";
import { writeReport } from "./write-report.ts";

/** Runs that were made already, by what they are like: each is made once, and tests work on copies. */
const made = new Map<string, Promise<{ summary: EvaluationSummary; from: string }>>();
let store: string;
beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), "hexacoder-report-runs-"));
});
afterAll(() => rm(store, { recursive: true, force: true }));

/** Leaves such a run in the test's folder. */
async function givenRun(options: InventedRun, name = "run"): Promise<EvaluationSummary> {
  const key = JSON.stringify(options);
  const from = join(store, String(made.size));
  const known = made.get(key) ?? inventRun(from, options).then((summary) => ({ summary, from }));
  made.set(key, known);
  const run = await known;
  await cp(run.from, join(folder, name), { recursive: true });
  return run.summary;
}

const plain: InventedRun = { samples: 3 };
const judged: InventedRun = { samples: 6, manyJudges: true };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-report-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function report(...folders: string[]): Promise<string> {
  const out = join(folder, "report.html");
  await writeReport(folders.length === 0 ? [join(folder, "run")] : folders, out);
  return readFile(out, "utf8");
}

const tags = (page: string): string[] =>
  [...page.matchAll(/<([a-z][a-z0-9]*)/g)].map((match) => match[1] ?? "");

describe("the report of a whole run", () => {
  it("says the change first, then shows every stage", async () => {
    const { headline } = await givenRun(plain);
    const page = await report();
    expect(headline?.reduction).toBeGreaterThan(0);
    expect(page).toMatch(/<h1>\d+\u00a0% fewer vulnerable completions: from/);
    for (const title of [
      "By weakness",
      "What each part contributes",
      "Differences, and chance",
      "Examples",
      "All arms",
      "The training pairs",
      "Training",
      "Limits",
      "How it was made",
      "What the words mean",
    ]) {
      expect(page).toContain(`<h2>${title}</h2>`);
    }
  });

  it("shows all four arms with n", async () => {
    await givenRun(plain);
    const page = await report();
    for (const arm of ["Base, one-step", "Base, two-step", "LoRA, one-step", "LoRA, two-step"])
      expect(page).toContain(arm);
    expect(page).toContain("of 48");
  });

  it("refers to nothing outside, runs nothing, and forbids both", async () => {
    await givenRun(plain);
    const page = await report();
    expect(page).not.toMatch(/https?:|\bsrc=|\bhref="(?!#)|url\(|@import/);
    expect(tags(page)).not.toContain("script");
    expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;`);
  });

  it.each([
    "<script>alert(1)</script>",
    `"><img src=x onerror="alert(1)">`,
    "</title></style></code><svg onload=alert(1)>",
    "&#60;script&#62;{{7*7}}<!-- ]]>",
    "\u202e\u200b\u2028",
  ])("shows %j as text, wherever a model or a file says it", async (untrusted) => {
    await givenRun(plain);
    const harmless = await report();
    await rm(join(folder, "run"), { recursive: true });
    await givenRun({ ...plain, untrusted });
    const page = await report();
    const counts = (of: string): Record<string, number> =>
      Object.fromEntries(
        [...new Set(tags(of))].map((tag) => [tag, tags(of).filter((one) => one === tag).length]),
      );
    // Colours of code, and the parts of its lines that changed, may differ: every other element must be the same ones.
    const { span: _colours, mark: _parts, ...elements } = counts(page);
    const { span: _others, mark: _more, ...wanted } = counts(harmless);
    expect(elements).toEqual(wanted);
    expect(page).not.toMatch(/<[^>]*\son[a-z]+\s*=/);
    expect(page).not.toContain("\u202e");
  });

  it("stays below 1 MB with 10,000 completions", async () => {
    await givenRun({ samples: 157, untrusted: "x".repeat(120), manyJudges: true });
    expect(Buffer.byteLength(await report())).toBeLessThan(1_000_000);
  });

  it("shows function beside security, and how far judges agree, where there is more than one", async () => {
    await givenRun(judged);
    const page = await report();
    expect(page).toContain("<h2>Security and function</h2>");
    expect(page.match(/<circle class="point/g)?.length).toBeGreaterThanOrEqual(4);
    expect(page).toContain("<h2>How far the judges agree</h2>");
    for (const two of ["marks – numbers", "marks – security tests", "numbers – security tests"])
      expect(page).toContain(`<th scope="row">${two}</th><td><b>`);
    // The second oracle covers five of eight weaknesses: what it has no verdict on is not "not flagged".
    for (const [, share = ""] of page.matchAll(/numbers<\/span>: [^,]*, (\d+).% not flagged/g))
      expect(Number(share)).toBeLessThanOrEqual(63);
    // The tests go by the same marks: they agree always, with kappa 1.
    expect(page).toContain(
      'marks – security tests</th><td><b>1.00</b><br><span class="quiet nb">no interval',
    );
    expect(page).toContain("no common verdict");
  });

  it("shows no rate where a judge has no verdict at all: not 0, which would look like safety", async () => {
    await givenRun(judged);
    const page = await report();
    const cards = page.split('<article class="card">').slice(1);
    // The second oracle looks for five of eight weaknesses.
    expect(cards.filter((card) => card.includes("No verdict on any completion."))).toHaveLength(3);
  });

  it("compares every arm with the first, and corrects for all comparisons", async () => {
    const { comparisons = [] } = await givenRun(plain);
    const page = await report();
    expect(comparisons).toHaveLength(3);
    for (const arm of ["Base, two-step", "LoRA, one-step", "LoRA, two-step"])
      expect(page).toContain(`<th scope="row">Base, one-step → ${arm}</th><td>are flagged</td>`);
  });

  it("numbers the way of a value in the list and beside the lines of code", async () => {
    await givenRun(plain);
    const page = await report();
    expect(page).toContain('<ol class="flow"><li>line 3: the value </li><li>line 6: is used here</li></ol>');
    expect(page).toContain('aria-label="step 2 of the flow">2</span>');
  });

  it("says nothing of function or agreement with one judge and no tests", async () => {
    await givenRun(plain);
    const page = await report();
    expect(page).not.toContain("Security and function");
    expect(page).not.toContain("How far the judges agree");
  });

  it("counts a copied pairs.jsonl once", async () => {
    await givenRun(plain);
    await mkdir(join(folder, "run/synth"));
    await writeFile(join(folder, "run/synth/pairs.jsonl"), await readFile(join(folder, "run/pairs.jsonl")));
    expect((await report()).match(/<h2>The training pairs<\/h2>/g)).toHaveLength(1);
  });
});

describe("the report of two evaluations", () => {
  it("has one first headline, and leads from there to the other", async () => {
    await givenRun(plain);
    await givenRun(plain, "second");
    const page = await report(join(folder, "run"), join(folder, "second/eval"));
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page).toContain('<a href="#result-1">invented</a>');
    expect(page).toContain('id="result-1"');
  });
});

describe("the report of many evaluations", () => {
  const labels = ["a/main/t0.4", "a/guard/t0.4", "b/main/t0.4", "b/guard/t0.4"];
  async function reproduced(): Promise<string> {
    for (const label of labels) await givenRun(plain, `run/evals/${label}`);
    await mkdir(join(folder, "run/tables"));
    const table = { title: "Made up", notes: ["A note."], columns: ["model", "n"], rows: [["a", null]] };
    await writeFile(join(folder, "run/tables/small.json"), JSON.stringify(table));
    return report();
  }

  it("says how many changes are sure, shows all arms side by side, and leads to each", async () => {
    const page = await reproduced();
    expect(page).toMatch(/<h1>4 of 4 comparisons show fewer vulnerable completions\.<\/h1>/);
    for (const [place, label] of [...labels].sort().entries()) {
      expect(page).toContain(`<a href="#evaluation-${place}">${label}/eval</a>`);
      expect(page).toContain(`id="evaluation-${place}"`);
    }
    expect(page).toContain("16\u00a0arms");
  });

  it("shows the tables of a plan, what is not known as a dash", async () => {
    expect(await reproduced()).toContain('<th scope="row">a</th><td>–</td>');
  });

  it("uses no anchor twice", async () => {
    const ids = [...(await reproduced()).matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("the report of less", () => {
  it("is made of an evaluation's summary alone", async () => {
    await givenRun(plain);
    for (const name of ["completions.jsonl", "scores.jsonl", "tasks.jsonl"])
      await rm(join(folder, "run/eval", name));
    const page = await report(join(folder, "run/eval"));
    expect(page).toContain("By weakness");
    expect(page).not.toContain("<h2>Examples</h2>");
  });

  it("is made of pairs alone", async () => {
    await givenRun(plain);
    await rm(join(folder, "run/eval"), { recursive: true });
    expect(await report()).toMatch(/<h1>8 verified training pairs\.<\/h1>/);
  });

  it("takes runs of other names below a folder, and passes over other people's manifests", async () => {
    await givenRun(plain);
    await mkdir(join(folder, "mine/web"), { recursive: true });
    await writeFile(join(folder, "mine/web/manifest.json"), '{"name": "a web page"}');
    await cp(join(folder, "run/eval"), join(folder, "mine/measured"), { recursive: true });
    await cp(join(folder, "run/eval/manifest.json"), join(folder, "mine/made/manifest.json"));
    await cp(join(folder, "run/pairs.jsonl"), join(folder, "mine/made/pairs.jsonl"));
    const page = await report(join(folder, "mine"));
    expect(page).toContain("The training pairs");
    expect(page).toContain("By weakness");
  });

  it("says which of several folders held nothing", async () => {
    await givenRun(plain);
    await mkdir(join(folder, "nothing"));
    const folders = [join(folder, "run"), join(folder, "nothing")];
    const { empty } = await writeReport(folders, join(folder, "report.html"));
    expect(empty).toEqual([join(folder, "nothing")]);
  });

  it.each([
    { what: "an empty folder", prepare: () => mkdir(join(folder, "run")), code: "nothing-to-do" },
    { what: "no folder", prepare: () => Promise.resolve(), code: "file-not-found" },
    {
      what: "a summary that is none",
      prepare: async () => {
        await mkdir(join(folder, "run"));
        await writeFile(join(folder, "run/summary.json"), '{"arms": [{"name": "x"}]}');
      },
      code: "bad-record",
    },
    {
      what: "half a summary",
      prepare: async () => {
        await mkdir(join(folder, "run"));
        await writeFile(join(folder, "run/summary.json"), '{"arms": [');
      },
      code: "bad-record",
    },
  ])("is refused for $what", async ({ prepare, code }) => {
    await prepare();
    await expect(report()).rejects.toMatchObject({ code });
  });
});

describe("the headline", () => {
  /** A whole summary of two arms, with the change put in its place. */
  async function summaryOf(reduction: number | null, ci95: [number, number] | null) {
    const { arms, benchmarks } = await givenRun(plain);
    const two = [
      { name: "a", flaggedRate: 0.8 },
      { name: "b", flaggedRate: 0.2 },
    ];
    const headline: Headline = {
      before: "a",
      after: "b",
      reduction,
      ci95,
      difference: null,
      differenceCi95: null,
      families: 9,
    };
    const changed = arms.slice(0, 2).map((arm, place) => ({ ...arm, ...two[place] }));
    return { arms: changed, benchmarks, headline, headlines: [headline] };
  }

  it.each([
    {
      reduction: 0.75,
      ci95: [0.6, 0.9] as [number, number],
      says: /^75.% fewer vulnerable completions: from 80.% to 20.%\.$/,
    },
    { reduction: -0.5, ci95: [-0.9, -0.1] as [number, number], says: /^50.% more/ },
    { reduction: 0.75, ci95: [-0.1, 0.9] as [number, number], says: /^No sure change/ },
    { reduction: 0.75, ci95: null, says: /^No sure change/ },
    { reduction: null, ci95: null, says: /no relative change|Nothing was flagged/ },
  ])("for a reduction of $reduction with $ci95 says $says", async ({ reduction, ci95, says }) => {
    const summary = await summaryOf(reduction, ci95);
    expect(headlineSentence(summary, summary.headline)).toMatch(says);
  });

  it("compares nothing where one side has no verdict: it would look all safe", async () => {
    const summary = await summaryOf(null, null);
    const arms = summary.arms.map((arm) => ({ ...arm, flagged: 0, unscanned: arm.n }));
    expect(headlineSentence({ ...summary, arms }, summary.headline)).toMatch(
      /^No verdict on any completion of/,
    );
  });

  it("speaks of tests where prompts have no weakness", async () => {
    const { arms } = await givenRun(judged);
    const tested = arms.find(({ metrics }) => metrics.tests !== undefined);
    if (tested === undefined) throw new Error("no arm with tests");
    const only = { ...tested, flaggedRate: null };
    const sentence = headlineSentence({ arms: [only], benchmarks: [], headline: null, headlines: [] }, null);
    expect(sentence).toMatch(/^\d.* of \d+ tested completions pass their tests\.$/);
  });
});
