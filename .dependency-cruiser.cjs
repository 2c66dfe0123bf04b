// The architecture test: cli and server → stages → oracle, repair, llm, lang, sandbox → core, util.
// Stages never import one another; `repair` may use `oracle`, `oracle` runs programs in the `sandbox`.
// Any other edge fails.
const floor = ["core", "util"];
const leaves = ["oracle", "repair", "llm", "lang", "sandbox"];
const stages = ["synthesis", "dataset", "training", "generation", "evaluation", "report"];

const folder = (names) => `^src/(${names.join("|")})/`;
const mayImport = (from, allowed, note) => ({
  name: `${from}-edges`,
  comment: note,
  severity: "error",
  from: { path: `^src/${from}/` },
  to: { path: "^src/", pathNot: folder([from, ...allowed]) },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "util-edges",
      comment: "util knows no word of the domain; errors and the manifest of a run are no domain",
      severity: "error",
      from: { path: "^src/util/" },
      to: { path: "^src/", pathNot: ["^src/util/", "^src/core/(errors|manifest)\\.ts$"] },
    },
    {
      name: "core-imports-only-zod",
      severity: "error",
      comment: "core holds records and pure rules",
      from: { path: "^src/core/", pathNot: "\\.test\\.ts$" },
      to: { pathNot: ["^src/core/", "^node_modules/zod/"] },
    },
    mayImport("lang", floor, "lang is a leaf"),
    mayImport("llm", floor, "llm is a leaf"),
    mayImport("sandbox", floor, "sandbox is a leaf"),
    mayImport("oracle", ["lang", "sandbox", ...floor], "the oracle parses, and runs programs in the sandbox"),
    mayImport("repair", ["oracle", "llm", "lang", ...floor], "repair may use the oracle"),
    ...stages.map((stage) =>
      mayImport(stage, [...leaves, ...floor], "stages never import one another: they meet in files"),
    ),
    mayImport("server", [...stages, ...leaves, ...floor], "the server composes stages"),
    mayImport("cli", ["server", ...stages, ...leaves, ...floor], "the command line composes everything"),
    {
      name: "nobody-imports-cli",
      severity: "error",
      // A test may run a command as a user types it.
      from: { pathNot: "^(src/cli|test)/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "private-files",
      severity: "error",
      comment: "a file named _x.ts belongs to its own folder",
      from: { path: "^src/(.+)/[^/]+$" },
      to: { path: "/_[^/]+$", pathNot: "^src/$1/" },
    },
    {
      name: "processes-through-one-door",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/util/process\\.ts$", "\\.test\\.ts$"] },
      to: { path: "^(node:)?child_process$" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.conformance\\.ts$" },
  },
};
