// Weaknesses whose repair the program mostly does not say: which commands another machine may run
// (CWE-74), where requests may go (CWE-918), what a pattern that is slow on some texts was to match
// (CWE-730, CWE-1333).
import { parseCweId } from "../../core/cwe.ts";
import { replace, wrap } from "../edits.ts";
import { leavesOf, textBefore } from "../python/leaves.ts";
import { Names } from "../python/names.ts";
import { argument } from "../python/nodes.ts";
import { type Codemod, callOf, edits, needsDesign } from "../rewrite.ts";

/** CWE-918: an allow-list of hosts or paths would be invented. */
export const requestTarget: Codemod = {
  name: "request-target",
  cwes: [parseCweId("CWE-918")],
  rewrite({ finding }) {
    const what = finding.ruleId.includes("partial") ? "A part of the URL" : "The whole URL";
    return needsDesign(
      `${what} comes from outside: which hosts and paths may be asked is a design decision.`,
    );
  },
};

/** CWE-74: a command for another machine's shell: values in it are quoted; a whole command is a design. */
export const remoteCommand: Codemod = {
  name: "remote-command",
  cwes: [parseCweId("CWE-74")],
  sanitizers: ["shlex.quote"],
  rewrite(site) {
    const call = callOf(site, (name) => /(^|\.)(exec_command|run|sudo|invoke_shell|send)$/.test(name));
    const command = call === undefined ? undefined : argument(call, 0, "command");
    if (command === undefined || !site.program.claim(command)) return undefined;
    const leaves = leavesOf(command, { program: site.program, taint: site.taint });
    if (leaves.length === 0) return undefined;
    // A value that begins the line is the program that runs, quoted or not.
    if (leaves.some((leaf) => textBefore(leaf).trim() === "")) {
      return needsDesign("The command comes from outside: which commands may run is a design decision.");
    }
    const names = new Names(site.program);
    const quote = names.byModule("shlex.quote");
    return edits(
      leaves.flatMap(({ node }) => wrap(node, `${quote}(`, ")")),
      { imports: names.needs },
    );
  },
};

/** CWE-1333: another pattern matches other texts. */
export const slowPattern: Codemod = {
  name: "slow-pattern",
  cwes: ["CWE-730", "CWE-1333", "CWE-400"].map(parseCweId),
  rewrite({ finding }) {
    return finding.ruleId.includes("redos")
      ? needsDesign("The pattern has to be another one: which texts it is to match only its author knows.")
      : undefined;
  },
};

/** CWE-352: the protection is switched on again. */
export const forgeryProtection: Codemod = {
  name: "forgery-protection",
  cwes: [parseCweId("CWE-352")],
  rewrite({ node }) {
    const assignment =
      node.type === "assignment" ? node : (node.ancestor("assignment") ?? node.namedChildren[0]);
    const value = assignment?.child("right");
    return value?.text === "False" ? edits([replace(value, "True")]) : undefined;
  },
};
