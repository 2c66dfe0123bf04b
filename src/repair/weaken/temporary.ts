// Temporary files that were made together with their name get a name only: `mktemp`.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { insertAfter } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { argumentsOf, statementOf } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { callWeakener, type Weakener, type Weakening } from "./weakener.ts";

const NAMED = ["suffix", "prefix", "dir"];

/** See the file's head. */
export const bareTemporaryName: Weakener = callWeakener(
  "bare-temporary-name",
  parseCweId("377"),
  (call, program, callee) => {
    switch (callee) {
      case "tempfile.NamedTemporaryFile":
      case "tempfile.TemporaryFile":
        return openedByName(call, program, callee);
      case "tempfile.mkdtemp":
        return madeAfterwards(call, program);
      case "tempfile.mkstemp":
        return openedAfterwards(call, program);
      default:
        return undefined;
    }
  },
);

type Made = Omit<Weakening, "at"> | undefined;

/** The call of mktemp that takes over what names the file. */
function mktemp(call: SyntaxNode, names: Names): string {
  const { positional, keywords } = argumentsOf(call);
  const kept = NAMED.flatMap((name) => keywords.get(name)?.text ?? []);
  const all = [
    ...(/NamedTemporaryFile|TemporaryFile/.test(call.text)
      ? []
      : positional.slice(0, 3).map(({ text }) => text)),
    ...kept,
  ];
  return `${names.byModule("tempfile.mktemp")}(${all.join(", ")})`;
}

function openedByName(call: SyntaxNode, program: Program, callee: string): Made {
  const { positional, keywords } = argumentsOf(call);
  const names = new Names(program);
  const mode = positional[0]?.text ?? keywords.get("mode")?.child("value")?.text ?? '"w+b"';
  const how = ["encoding", "newline", "errors"].flatMap((name) => keywords.get(name)?.text ?? []);
  const text = `open(${[mktemp(call, names), mode, ...how].join(", ")})`;
  return { edits: [replace(call, text)], imports: names.needs, drops: [callee] };
}

/** `folder = mkdtemp()` becomes `folder = mktemp()` and `os.mkdir(folder)`. */
function madeAfterwards(call: SyntaxNode, program: Program): Made {
  const target = assignedTo(call);
  const names = new Names(program);
  const name = mktemp(call, names);
  const made =
    target === undefined
      ? undefined
      : insertAfter(program, call, [`${names.byModule("os.mkdir")}(${target.text})`]);
  if (made === undefined) return undefined;
  return { edits: [replace(call, name), made], imports: names.needs, drops: ["tempfile.mkdtemp"] };
}

/** `fd, path = mkstemp()` becomes `path = mktemp()` and an `os.open` of it. */
function openedAfterwards(call: SyntaxNode, program: Program): Made {
  const target = assignedTo(call);
  const [file, path, ...more] =
    target?.type === "pattern_list" || target?.type === "tuple_pattern" ? target.namedChildren : [];
  if (target === undefined || file === undefined || path === undefined || more.length > 0) return undefined;
  const names = new Names(program);
  const name = mktemp(call, names);
  const os = names.byModule("os.open").replace(/open$/, "");
  if (!os.endsWith(".")) return undefined;
  const line = `${file.text} = ${os}open(${path.text}, ${os}O_RDWR | ${os}O_CREAT)`;
  const opened = insertAfter(program, call, [line]);
  if (opened === undefined) return undefined;
  return {
    edits: [replace(target, path.text), replace(call, name), opened],
    imports: names.needs,
    drops: ["tempfile.mkstemp"],
  };
}

/** What a statement assigns the call's result to, where it does nothing else. */
function assignedTo(call: SyntaxNode): SyntaxNode | undefined {
  const assignment = call.parent;
  if (assignment?.type !== "assignment" || call.field !== "right") return undefined;
  return statementOf(call)?.namedChildren[0] === assignment ? assignment.child("left") : undefined;
}
