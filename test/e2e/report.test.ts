// The report in a real browser: opens without errors or requests, at two widths and in both colours.
import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeReport } from "../../src/report/write-report.ts";
import { inventRun } from "../fixtures/evaluation-run.ts";
import { scratch } from "../support/cli.ts";

/** The browser that setup looks for: HEXACODER_CHROME, or one on the PATH. */
function findBrowser(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const onMac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  return [process.env.HEXACODER_CHROME ?? "", ...onPath, onMac].find((path) => existsSync(path));
}

const evil = `<script>document.title="owned"</script><img src="http://127.0.0.1:9/x" onerror="alert(1)">`;

let browser: Browser;
let address: string;
/** The page of many evaluations, as `hexacoder reproduce` leaves them. */
let manyAddress: string;
beforeAll(async () => {
  const executablePath = findBrowser();
  if (executablePath === undefined)
    throw new Error("No Chromium was found: npm run setup, or name one in HEXACODER_CHROME");
  const folder = await scratch();
  await inventRun(join(folder, "run"), { samples: 6, untrusted: evil, manyJudges: true });
  await writeReport([join(folder, "run")], join(folder, "report.html"));
  address = pathToFileURL(join(folder, "report.html")).href;
  for (const label of ["a/main", "a/guard", "b/main", "b/guard-with-a-long-name-of-its-own"])
    await cp(join(folder, "run/eval"), join(folder, "many/evals", label), { recursive: true });
  await writeReport([join(folder, "many")], join(folder, "many.html"));
  manyAddress = pathToFileURL(join(folder, "many.html")).href;
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
});
afterAll(() => browser?.close());

async function open(
  options: BrowserContextOptions,
  where = address,
): Promise<{ page: Page; troubles: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("console", (message) => troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => void dialog.dismiss().finally(() => troubles.push("dialog")));
  page.on("request", (request) => {
    if (request.url() !== where) troubles.push(`request: ${request.url()}`);
  });
  await page.goto(where);
  return { page, troubles };
}

async function unfold(page: Page): Promise<void> {
  await page.evaluate(`for (const one of document.querySelectorAll("details")) one.open = true`);
}

const widths = [390, 1440];
const schemes = ["light", "dark"] as const;

describe.each(widths)("the report at %i pixels", (width) => {
  it.each(schemes)("opens in %s without errors, requests or dialogs, headline first", async (colorScheme) => {
    const { page, troubles } = await open({ viewport: { width, height: 900 }, colorScheme });
    const box = await page.locator("h1").boundingBox();
    expect(await page.locator("h1").textContent()).toMatch(/fewer vulnerable completions/);
    expect(box?.y).toBeLessThan(200);
    await unfold(page);
    expect(await page.title()).not.toBe("owned");
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it.each([
    { what: "one evaluation", where: () => address },
    { what: "many evaluations", where: () => manyAddress },
  ])("never scrolls sideways with $what, whatever is open", async ({ where }) => {
    const { page } = await open({ viewport: { width, height: 900 } }, where());
    await unfold(page);
    const size = await page.evaluate(
      "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
    );
    expect(size).toEqual([width, width]);
    await page.context().close();
  });
});

describe("the report of many evaluations", () => {
  it("opens the evaluation that a link in its overview leads to", async () => {
    const { page, troubles } = await open({ reducedMotion: "reduce" }, manyAddress);
    const target = page.locator("#evaluation-1");
    expect(await target.isVisible()).toBe(false);
    await page.locator('a[href="#evaluation-1"]').first().click();
    expect(await target.isVisible()).toBe(true);
    expect(troubles.filter((one) => !one.endsWith("#evaluation-1"))).toEqual([]);
    await page.context().close();
  });
});

describe("the report's colours", () => {
  const background = (page: Page): Promise<unknown> =>
    page.evaluate("getComputedStyle(document.body).backgroundColor");

  it("follow the system, and the reader's choice by keyboard", async () => {
    const { page } = await open({ colorScheme: "dark" });
    const dark = await background(page);
    await page.locator("#theme-auto").focus();
    await page.keyboard.press("ArrowRight");
    const light = await background(page);
    expect(light).not.toEqual(dark);
    await page.keyboard.press("ArrowRight");
    expect(await background(page)).toEqual(dark);
    await page.context().close();
  });

  it.each(schemes)("have enough contrast for every text in %s", async (colorScheme) => {
    const { page } = await open({ colorScheme });
    expect(await page.evaluate(lowContrastTexts)).toEqual([]);
    await page.context().close();
  });
});

/** Runs in the page: texts whose contrast with their background is below WCAG's 4.5. */
const lowContrastTexts = `(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const backgroundOf = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const low = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === "" || element.checkVisibility() === false) continue;
    const [a, b] = [luminance(numbers(getComputedStyle(element).color)), luminance(backgroundOf(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.add(element.tagName + "." + element.className + " " + ratio.toFixed(2));
  }
  return [...low];
})()`;

describe("the report's structure", () => {
  it("can be reached by keyboard alone: a skip link, then everything that opens or scrolls", async () => {
    const { page } = await open({ viewport: { width: 390, height: 900 } });
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    const unreachable = await page.evaluate(
      `[...document.querySelectorAll("*")].filter((one) => one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && one.tabIndex < 0).length`,
    );
    expect(unreachable).toBe(0);
    await page.context().close();
  });

  it("has one h1, headings in order, and a name for every drawing", async () => {
    const { page } = await open({});
    const levels = await page.evaluate(
      `[...document.querySelectorAll("h1,h2,h3")].map((one) => Number(one.tagName[1]))`,
    );
    // The page's own expression gives numbers.
    const found = levels as number[];
    expect(found.filter((level) => level === 1)).toHaveLength(1);
    expect(found.every((level, place) => place === 0 || level - (found[place - 1] ?? 0) <= 1)).toBe(true);
    expect(
      await page.evaluate(`document.querySelectorAll("svg:not([aria-label]):not([aria-hidden])").length`),
    ).toBe(0);
    await page.context().close();
  });

  it("prints with everything unfolded, in light colours", async () => {
    const { page } = await open({ colorScheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    const hidden = await page.evaluate(
      `[...document.querySelectorAll("details .diff")].filter((one) => one.offsetHeight === 0).length`,
    );
    expect(hidden).toBe(0);
    // What does not fit on the paper is lost: nothing scrolls there.
    await page.setViewportSize({ width: 720, height: 1000 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(720);
    expect(await page.locator(".theme").isVisible()).toBe(false);
    await page.context().close();
  });
});
