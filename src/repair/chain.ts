// Repairers one after another: the cheap and certain first, the dear one only where it failed.
import type { Repairer, RepairOutcome } from "./repairer.ts";

/** Makes a repairer that goes on to the next one where one has no candidate. */
export function createRepairChain(repairers: readonly Repairer[]): Repairer {
  return {
    identity: repairers.map(({ identity }) => identity).join(">"),
    repair: async (request, options) => {
      let last: RepairOutcome = {
        kind: "none",
        reason: "no-rewrite",
        detail: "There is no repairer to ask.",
      };
      let design: RepairOutcome | undefined;
      for (const repairer of repairers) {
        const outcome = await repairer.repair(request, options);
        if (outcome.kind === "candidates") return outcome;
        if (outcome.reason === "needs-design") design ??= outcome;
        last = outcome;
      }
      return design ?? last;
    },
  };
}
