// CWE-22 in archives: tarfile's data filter (PEP 706) refuses members that would leave the
// destination, as links or by their names.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { argumentsOf } from "../python/nodes.ts";
import { callOf, edits, type Rewrite, type Site } from "../rewrite.ts";

const EXTRACT = /\.(extractall|extract|unpack_archive)$/;

/** `tar.extractall(path)` becomes `tar.extractall(path, filter="data")`. */
export function archiveFilter(site: Site): Rewrite | undefined {
  const call = callOf(site, (name) => EXTRACT.test(name) || name === "unpack_archive");
  if (call === undefined || isZip(site, call)) return undefined;
  const { keywords, list } = argumentsOf(call);
  if (list === undefined) return undefined;
  if (/unpack_archive$/.test(call.child("function")?.text ?? "") && !isTar(site, call)) return undefined;
  const filter = keywords.get("filter")?.child("value");
  if (filter !== undefined) return /data/.test(filter.text) ? undefined : edits([replace(filter, '"data"')]);
  const last = list.namedChildren.filter((child) => child.type !== "comment").at(-1);
  if (last === undefined) return edits([replace(list, '(filter="data")')]);
  return edits([{ start: last.end, end: last.end, text: ', filter="data"' }]);
}

/** zipfile's own extraction drops drive letters, leading slashes and dots, and has no filter. */
function isZip(site: Site, call: SyntaxNode): boolean {
  const object = call.child("function")?.child("object");
  const value = object?.type === "identifier" ? site.program.reaching(object)[0]?.value : object;
  return /ZipFile|zipfile/.test(value?.text ?? "");
}

/** Only the tar unpacker takes a filter: the format, or the file's literal ending, must say tar. */
function isTar(site: Site, call: SyntaxNode): boolean {
  const { positional, keywords } = argumentsOf(call);
  const format = keywords.get("format")?.child("value") ?? positional[2];
  if (format !== undefined) return /tar/.test(format.text);
  const name = positional[0] ?? keywords.get("filename")?.child("value");
  const value = name?.type === "identifier" ? site.program.valueOf(name) : name;
  return /\.(tar(\.\w+)?|tgz|tbz2?|txz)["']/.test(value?.text ?? "");
}
