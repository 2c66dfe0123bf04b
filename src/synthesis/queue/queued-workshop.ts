// A workshop whose work is done elsewhere: by `hexacoder worker` processes on the same Redis server. Sources,
// models, budget and run folder stay with the run's own process, so that a worker that dies has paid for nothing
// and written nothing.
import type { ScanResult, SourceFile } from "../../core/finding.ts";
import { packageVersion } from "../../util/versions.ts";
import { openWorkshop, type Workshop, type WorkshopSetup } from "../workshop.ts";
import { outOfTurn, toolsOver } from "../workshop-tasks.ts";
import { Crew, type CrewOptions } from "./crew.ts";
import { crewOf } from "./protocol.ts";

/** Programs in one task: as a rule a scan is quick, and its answer long. */
const FILES_IN_A_TASK = 4;

/** Opens tools that ask workers; the connection stays the caller's. */
export async function openQueuedWorkshop(
  setup: WorkshopSetup,
  options: Omit<CrewOptions, "setup" | "crew">,
): Promise<Workshop> {
  // Only for what the tools are called and cover, and for a repairing model that looks at its own answers.
  const here = await openWorkshop(setup);
  const crew = await Crew.open({ ...options, setup, crew: crewOf(here, packageVersion()) });
  const { repair, verify } = toolsOver((task) => crew.ask(task));
  return {
    ...here,
    detect: { ...here.detect, scan: (files) => scanAway(files, crew) },
    codemods: { identity: here.codemods.identity, repair },
    verify,
    close: () => crew.close(),
  };
}

async function scanAway(files: readonly SourceFile[], crew: Crew): Promise<ScanResult[]> {
  const parts: SourceFile[][] = [];
  for (let start = 0; start < files.length; start += FILES_IN_A_TASK) {
    parts.push(files.slice(start, start + FILES_IN_A_TASK));
  }
  const answers = await Promise.all(
    parts.map(async (part) => {
      const answer = await crew.ask({ kind: "scan", files: part });
      if (answer.kind !== "scan" || answer.result.length !== part.length) return outOfTurn(answer);
      return answer.result;
    }),
  );
  return answers.flat();
}
