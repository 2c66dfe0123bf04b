// What `hexacoder dataset` says at its end.
import { basename } from "node:path";
import type { DatasetFacts } from "../dataset/card.ts";
import { leftOutWords } from "../dataset/left-out.ts";
import type { CliContext } from "./context.ts";

/** Prints how many rows a dataset has and which were left out, or all numbers as JSON. */
export function presentDataset(
  context: CliContext,
  { json }: { readonly json: boolean },
  out: string,
  facts: DatasetFacts,
): void {
  if (json) {
    context.out(`${JSON.stringify({ out, ...facts }, null, 2)}\n`);
    return;
  }
  const leftOut = leftOutWords(facts.leftOut);
  context.out(`${basename(out)}: ${facts.rows.train} rows to train on, ${facts.rows.eval} to evaluate on\n`);
  if (leftOut !== "") context.talk(`left out: ${leftOut}`);
}
