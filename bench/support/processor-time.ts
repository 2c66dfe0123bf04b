// Processor time of this process and of all that it starts, which other work on the machine changes less than
// the clock. A child that ends takes its count along, so that it is looked at often while it lives: what it
// used after the last look is missing. Linux only.
import { readdirSync, readFileSync } from "node:fs";

const LOOK_MS = 50;
// A tick is 10 ms on every Linux that we know.
const TICK_SECONDS = 0.01;

/** Counts from its start until it is stopped. */
export class ProcessorClock {
  readonly #before = process.cpuUsage();
  readonly #highest = new Map<number, number>();
  readonly #start: ReadonlyMap<number, number>;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#start = ticksByChild();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  #look(): void {
    for (const [pid, ticks] of ticksByChild()) {
      const used = ticks - (this.#start.get(pid) ?? 0);
      this.#highest.set(pid, Math.max(used, this.#highest.get(pid) ?? 0));
    }
  }

  /** Seconds so far; ends the count. */
  stop(): number {
    this.#look();
    clearInterval(this.#timer);
    const { user, system } = process.cpuUsage(this.#before);
    const children = [...this.#highest.values()].reduce((sum, ticks) => sum + ticks, 0);
    return (user + system) / 1e6 + children * TICK_SECONDS;
  }
}

/** Ticks of each child of this process with all below it, those that they waited for included. */
function ticksByChild(): Map<number, number> {
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const fields = statOf(name);
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
    processes.set(Number(name), { parent: Number(fields[1] ?? 0), ticks });
  }
  const childOver = (pid: number): number | undefined => {
    for (let at = pid; at > 1; at = processes.get(at)?.parent ?? 0) {
      if (processes.get(at)?.parent === process.pid) return at;
    }
    return undefined;
  };
  const sums = new Map<number, number>();
  for (const [pid, { ticks }] of processes) {
    const child = childOver(pid);
    if (child !== undefined) sums.set(child, (sums.get(child) ?? 0) + ticks);
  }
  return sums;
}

function statOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // it has ended in the meantime
  }
}
