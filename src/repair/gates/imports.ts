// Every module that the repair imports exists: in the standard library, among packages in wide
// use, or already in the vulnerable program. Models invent packages, and others then register them.

import { isKnownModule } from "../python/modules.ts";
import type { Program } from "../python/program.ts";
import { failed, passed, type StaticGate } from "./gate.ts";

/** See the file's head. */
export const imports: StaticGate = ({ before, after }) => {
  const known = new Set(modulesOf(before));
  const unknown = modulesOf(after).filter((module) => !known.has(module) && !isKnownModule(module));
  return unknown.length === 0
    ? passed
    : failed(`Imports a module that is in no list of known ones: ${unknown.join(", ")}.`);
};

function modulesOf(program: Program): string[] {
  const out = new Set<string>();
  for (const node of program.tree.root.descendants()) {
    if (node.type === "import_statement") {
      for (const name of node.childrenOf("name")) out.add(firstPart((name.child("name") ?? name).text));
    } else if (node.type === "import_from_statement") {
      const module = node.child("module_name");
      // A relative import names a part of the program's own package.
      if (module !== undefined && module.type !== "relative_import") out.add(firstPart(module.text));
    }
  }
  return [...out];
}

function firstPart(module: string): string {
  return module.split(".")[0] ?? module;
}
