// The codemods for C, tried in this order for a finding of one of their weaknesses.
import type { CCodemod } from "../rewrite.ts";
import { boundedCopy } from "./bounded-copy.ts";
import { boundedLine } from "./bounded-line.ts";
import { formatLiteral } from "./format-literal.ts";
import { freedLast, freedOnce } from "./freed.ts";
import { indexGuard } from "./index-guard.ts";
import { nullCheck } from "./null-check.ts";
import { overflowCheck } from "./overflow-check.ts";
import { pathName } from "./path-name.ts";

/** See the file's head. */
export const cCodemods: readonly CCodemod[] = [
  boundedLine,
  boundedCopy,
  indexGuard,
  nullCheck,
  overflowCheck,
  pathName,
  formatLiteral,
  freedOnce,
  freedLast,
];
