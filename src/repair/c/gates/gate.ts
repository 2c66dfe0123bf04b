// What gates for C look at.
import type { GateOutcome } from "../../../core/pair.ts";
import type { RepairSides } from "../../gates/gate.ts";
import type { CProgram } from "../program.ts";

/** Both sides of a repair in C. */
export type CSides = RepairSides<CProgram>;

/** A gate that needs nothing but the two sides. */
export type CGate = (sides: CSides) => GateOutcome;
