// CWE-22 with Flask's own means: send_from_directory checks the path itself, and secure_filename
// makes an uploaded file's name a single harmless component.
import { replace, wrap } from "../edits.ts";
import { Names } from "../python/names.ts";
import { argumentsOf } from "../python/nodes.ts";
import { edits, type Rewrite, type Site } from "../rewrite.ts";
import type { BuiltPath } from "./path-base.ts";

/** `send_file(os.path.join(DIR, name))` becomes `send_from_directory(DIR, name)`. */
export function fromDirectory(site: Site, built: BuiltPath): Rewrite | undefined {
  const { program } = site;
  const call = built.expression.parent?.parent;
  if (call?.type !== "call" || program.callee(call) !== "flask.send_file") return undefined;
  const { positional } = argumentsOf(built.expression);
  const [folder, name] = positional;
  const target = call.child("function");
  const isJoin = program.callee(built.expression) === "os.path.join" && positional.length === 2;
  if (!isJoin || folder === undefined || name === undefined || target === undefined) return undefined;
  const names = new Names(program);
  const spelled =
    target.type === "identifier"
      ? names.byName("flask.send_from_directory")
      : names.byModule("flask.send_from_directory");
  return edits([replace(target, spelled), replace(built.expression, `${folder.text}, ${name.text}`)], {
    imports: names.needs,
    drops: ["flask.send_file"],
  });
}

/** `os.path.join(DIR, upload.filename)`: the browser's name for the file is one component. */
export function uploadName(site: Site, built: BuiltPath): Rewrite | undefined {
  const { program } = site;
  if (!program.imports.has("flask") && !program.imports.has("werkzeug")) return undefined;
  const { part } = built;
  const value = part.type === "identifier" ? program.valueOf(part) : part;
  if (value?.type !== "attribute" || value.child("attribute")?.text !== "filename") return undefined;
  const names = new Names(program);
  const secure = names.byName("werkzeug.utils.secure_filename");
  return edits(wrap(part, `${secure}(`, ")"), { imports: names.needs });
}
