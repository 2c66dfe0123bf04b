// Repairers one after another: the cheap and certain first, the dear one only where it failed.
import type { Repairer, RepairOutcome, RepairRequest } from "./repairer.ts";

/** Makes a repairer that goes on to the next one where one has no candidate, or none that passes the gates. */
export function createRepairChain(repairers: readonly Repairer[]): Repairer {
  return {
    identity: repairers.map(({ identity }) => identity).join(">"),
    repair: (request, options = {}) => repairFrom(repairers, request, options),
  };
}

async function repairFrom(
  repairers: readonly Repairer[],
  request: RepairRequest,
  options: { signal?: AbortSignal },
): Promise<RepairOutcome> {
  let last: RepairOutcome = { kind: "none", reason: "no-rewrite", detail: "There is no repairer to ask." };
  let design: RepairOutcome | undefined;
  for (const [index, repairer] of repairers.entries()) {
    const outcome = await repairer.repair(request, options);
    const rest = repairers.slice(index + 1);
    if (outcome.kind === "candidates") {
      return rest.length === 0 ? outcome : { ...outcome, next: () => repairFrom(rest, request, options) };
    }
    if (outcome.reason === "needs-design") design ??= outcome;
    last = outcome;
  }
  return design ?? last;
}
