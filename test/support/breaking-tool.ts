// A tool that does its work, unless a program before it holds `BREAK:how`: then it breaks in that way.
// Deliberately broken tools for tests of what an adapter makes of them.
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ExternalName, stateOfExternal } from "../../src/oracle/external/open.ts";

/** The path of the installed tool; a test that needs it fails where it is missing. */
export async function realTool(name: ExternalName, env: NodeJS.ProcessEnv): Promise<string> {
  const { tool } = await stateOfExternal(name, env);
  if (tool === undefined) throw new Error(`${name} is missing: node scripts/setup.mjs --engines`);
  return tool.path;
}

/** Writes an executable that stands before a real one. */
export async function breakingTool(real: string, folder: string): Promise<string> {
  const path = join(await mkdtemp(join(folder, "tool-")), "tool");
  await writeFile(path, script(real));
  await chmod(path, 0o755);
  return path;
}

const script = (real: string): string => `#!/bin/sh
how=$(grep -rhoE 'BREAK:[a-z]+' programs 2>/dev/null | head -n 1)
case "$how" in
  BREAK:exit) exit 77 ;;
  BREAK:half) printf '[{"kind": "warn'; printf '{"errors": [], "resul' >&2; exit 0 ;;
  BREAK:hang) sleep 600 ;;
  BREAK:kill) kill -9 $$ ;;
  *) exec ${real} "$@" ;;
esac
`;
