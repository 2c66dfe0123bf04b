// Credentials that were read from elsewhere, written into the program.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import type { Program } from "../python/program.ts";
import type { Weakener, Weakening } from "./weakener.ts";

const NAME = /pass(wd|word|code|phrase)$/i;
const READ = /environ|getenv|getpass|config|settings|input\(|\.get\(|read\(|options|args|secrets|params/;
const WORDS = ["Winter2019!", "s3cr3t-pass", "changeme123", "letmein-2024", "Pr0duction#1", "hunter2hunter2"];

/** See the file's head. */
export const writtenCredential: Weakener = {
  name: "written-credential",
  cwe: parseCweId("798"),
  weaken: (program) => [...assigned(program), ...passed(program)].sort((a, b) => a.at.start - b.at.start),
};

function assigned(program: Program): Weakening[] {
  return program.nodesOf("assignment").flatMap((node): Weakening[] => {
    const left = node.child("left");
    const right = node.child("right");
    if (left === undefined || right === undefined || !NAME.test(left.text) || left.text.includes("\n"))
      return [];
    return READ.test(right.text) && isRead(right) ? [written(right)] : [];
  });
}

/** `connect(password=…)`. */
function passed(program: Program): Weakening[] {
  return program.nodesOf("call").flatMap((call) =>
    (call.child("arguments")?.namedChildren ?? []).flatMap((item): Weakening[] => {
      const value = item.type === "keyword_argument" ? item.child("value") : undefined;
      if (value === undefined || !NAME.test(item.child("name")?.text ?? "")) return [];
      return isRead(value) ? [written(value)] : [];
    }),
  );
}

function isRead(node: SyntaxNode): boolean {
  return (
    /^(identifier|attribute|subscript|call|boolean_operator)$/.test(node.type) &&
    !/^(None|str|bool)$/.test(node.text)
  );
}

function written(value: SyntaxNode): Weakening {
  const word = WORDS[value.start % WORDS.length] ?? "changeme123";
  return {
    at: value,
    edits: [replace(value, `"${word}"`)],
    drops: ["os", "getpass", "getpass.getpass", "os.environ", "os.getenv"],
  };
}
