// Where things are kept that can be had again: the user's cache folder, as XDG says.
import { homedir } from "node:os";
import { join } from "node:path";

/** The cache folder; HEXACODER_CACHE overrides it. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  if (env.HEXACODER_CACHE) return env.HEXACODER_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "hexacoder");
}
