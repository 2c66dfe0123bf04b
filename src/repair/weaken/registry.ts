// The inverse codemods, in the order in which a program is tried with them.
import { settingWeakeners } from "./arguments.ts";
import { shellString } from "./commands.ts";
import { writtenCredential } from "./credentials.ts";
import { cryptoWeakeners } from "./crypto.ts";
import { guardWeakeners } from "./guards.ts";
import { logWeakeners } from "./logs.ts";
import { patternWeakeners } from "./patterns.ts";
import { builtQuery } from "./queries.ts";
import { renamers } from "./renames.ts";
import { bareTemporaryName } from "./temporary.ts";
import { unwrappers } from "./unwrap.ts";
import type { Weakener } from "./weakener.ts";
import { standardParser } from "./xml.ts";

/** See the file's head. */
export const weakeners: readonly Weakener[] = [
  ...unwrappers,
  ...renamers,
  ...settingWeakeners,
  ...patternWeakeners,
  ...logWeakeners,
  ...cryptoWeakeners,
  ...guardWeakeners,
  shellString,
  builtQuery,
  bareTemporaryName,
  writtenCredential,
  standardParser,
];
