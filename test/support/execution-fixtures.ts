// Programs for the execution oracle, several in a file: `# === VERDICT: NAME` begins one, and what stands under
// `# === preamble` is put in front of each.
import { readdirSync, readFileSync } from "node:fs";
import { resource } from "../../src/util/resources.ts";

/** A program and the verdict that it was written for. */
export interface ExecutionFixture {
  /** The family of probes: the file's name. */
  readonly family: string;
  /** What it is about. */
  readonly name: string;
  /** The verdict. */
  readonly expected: "exploited" | "resisted";
  /** Why the oracle is known to be wrong about it; undefined where it is right. */
  readonly miss: string | undefined;
  /** The program. */
  readonly text: string;
}

const MARK = /^# === (preamble|exploited|resisted)(?:: (.*?))?(?: \(MISS: (.*)\))?$/;

/** Reads all of them. */
export function executionFixtures(): ExecutionFixture[] {
  const folder = resource("test", "fixtures", "execution");
  const files = readdirSync(folder).filter((name) => name.endsWith(".py"));
  return files.flatMap((name) => readFixtures(name.slice(0, -3), readFileSync(`${folder}/${name}`, "utf8")));
}

/** Programs in the files of a folder, whose marks name the family in front of the name. */
export function groupedFixtures(
  folder: "frameworks" | "styles",
): (ExecutionFixture & { readonly group: string })[] {
  const path = resource("test", "fixtures", "execution", folder);
  return readdirSync(path).flatMap((file) => {
    const group = file.slice(0, -3);
    return readFixtures("", readFileSync(`${path}/${file}`, "utf8")).map((fixture) => {
      const [family = "", ...name] = fixture.name.split(", ");
      return { ...fixture, group, family, name: name.join(", ") };
    });
  });
}

function readFixtures(family: string, text: string): ExecutionFixture[] {
  let preamble = "";
  const out: ExecutionFixture[] = [];
  const parts = text.split(/^(?=# === )/m);
  for (const part of parts) {
    const [head = "", ...rest] = part.split("\n");
    const mark = MARK.exec(head);
    if (mark === null) continue;
    const [, kind, name = "", miss] = mark;
    const body = rest.join("\n");
    if (kind === "preamble") preamble = body;
    if (kind === "exploited" || kind === "resisted") {
      out.push({ family, name, expected: kind, miss, text: `${preamble}\n\n${body}` });
    }
  }
  return out;
}
