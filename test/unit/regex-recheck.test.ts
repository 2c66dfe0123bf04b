// The bounded check of slow patterns (src/oracle/regex) against `recheck`, a maintained analyser that
// proves its answers with automata. recheck may take seconds for one pattern, so that it is a reference
// for tests and not a part of scans. Its clocks are off: only the pattern decides.
import { createRequire } from "node:module";
import type * as Recheck from "recheck";
import { describe, expect, it } from "vitest";
import { parseRegex } from "../../src/oracle/regex/parse.ts";
import { type Growth, growthOf } from "../../src/oracle/regex/superlinear.ts";

// The build in plain JavaScript: the default one starts a native program or a Java machine.
const recheck = createRequire(import.meta.url)("recheck/lib/browser.js") as typeof Recheck; // it has no types of its own

type Answer = Growth | "unsupported";

function reference(pattern: string): Answer {
  const answer = recheck.checkSync(pattern, "", {
    checker: "automaton",
    timeout: null,
    attackTimeout: null,
    incubationTimeout: null,
  });
  if (answer.status === "unknown") return "unsupported";
  if (answer.status === "safe") return "linear";
  return answer.complexity.type;
}

function own(pattern: string): Growth {
  return growthOf(parseRegex(pattern), { anywhere: true });
}

/** Patterns about which both say the same. */
const AGREED = String.raw`
^(a+)+$
^(a|a)*$
^(a|ab)*c$
^(ab|a|b)+$
^(aa|aaa)*$
^(\\.|[^"])*"
^(\d+)*x$
^([a-z]+)*\d$
^(\w+\s?)*$
^(\w+\s)*$
^(a*)*b
(x+x+)+y
^(.*,)+x$
^([^,]*,)*x$
^("[^"]*"|'[^']*')*$
^(\\.|[^"\\])*"
^(?:\s*\w+\s*;)*$
^(?:\s*\w+;)*$
^[^@]+@[^@]+\.[^@]+$
^\w+@\w+\.\w+$
^\S+@\S+\.\S+$
\s+$
^\s+|\s+$
\s*,\s*
<[^>]*>
<.*?>
/\*.*?\*/
^.*foo.*bar$
^.*foo
^[a-z]*[0-9]*$
^[a-z]*[a-z0-9]*$
^[a-z]*[a-z0-9]*
^\d+\.?\d*$
^\d*\.?\d+$
^-?\d+(\.\d+)?$
^\d{1,3}(,\d{3})*$
^(\d{1,3}\.){3}\d{1,3}$
^https?://[\w.-]+(/[\w./-]*)?$
^([\w-]+\.)+[a-z]{2,}$
^([\w-]+\.?)+[a-z]{2,}$
^#?([a-f0-9]{6}|[a-f0-9]{3})$
\b\w+\b
[A-Z]+[a-z]+
\w+\d+
\w+\s*=
\w+=
(\w+)\s*=\s*(\w+)
^\w+\s*=\s*\w+$
a{50}
(ab){1,100}c
(a|b|c)*d
^(a|b|c)*d
^(aa|b)*$
^(a+b+)*$
^(a+b*)*$
^(a*b*)*$
^(a*b*)*
\d+-\d+
[^\n]*\n
^(?:a|b)+$
.*
^.*$
^(.+)=(.+)$
^(\S+\s+)*$
^(\(.*?\))*$
^(?:[^"]|"")*$
^(?:\w|\d)*$
^(?:\w|-)*$
\$\{[^}]+\}
\{\{.*\}\}
^x*x*$
^x*y*x*$
^x*yx*$
a.*b.*c
^a.*b.*c$
^\s*(\w+)\s*$
(\d+)(px|em)
^[\s\S]*?end
.*\.txt$
^[^/]+/[^/]+$
`
  .trim()
  .split("\n");

interface Difference {
  readonly pattern: string;
  readonly ours: Growth;
  readonly theirs: Answer;
  readonly right: "recheck" | "ours";
  readonly why: string;
}

/** Patterns about which they differ, and who is right. A row that no longer differs must be moved up. */
const DIFFERENT: readonly Difference[] = [
  {
    pattern: '(?:[^"]|"")*"',
    ours: "linear",
    theirs: "polynomial",
    right: "recheck",
    why: "tried anew at each place: a loop over options of different lengths is not taken for a loop",
  },
  {
    pattern: "^((a{1,3})+)$",
    ours: "linear",
    theirs: "exponential",
    right: "recheck",
    why: "a bounded repetition in a loop: bounds of up to 20 are not taken for loops",
  },
  {
    pattern: String.raw`^[\w.]+(\.\w+)*$`,
    ours: "linear",
    theirs: "polynomial",
    right: "recheck",
    why: "a dot and letters are in the first loop or in the group: loops over sequences are not compared",
  },
  {
    pattern: "^(a?){30}a{30}$",
    ours: "polynomial",
    theirs: "linear",
    right: "ours",
    why: "bounded, so linear in the limit, but on thirty letters it tries exponentially many ways",
  },
  {
    pattern: "a{1,50}b",
    ours: "polynomial",
    theirs: "linear",
    right: "recheck",
    why: "bounded: at most fifty steps at each place; bounds above 20 are taken for loops",
  },
  {
    pattern: String.raw`^(\s*\S+\s*)*$`,
    ours: "exponential",
    theirs: "linear",
    right: "recheck",
    why: "every text but blanks matches at once, so that nothing is tried again",
  },
  {
    pattern: String.raw`^(\S+\s*)*$`,
    ours: "exponential",
    theirs: "linear",
    right: "recheck",
    why: "the same",
  },
  {
    pattern: String.raw`^(?=.*\d)(?=.*[a-z]).{8,}$`,
    ours: "linear",
    theirs: "unsupported",
    right: "ours",
    why: "recheck's automata know no lookahead",
  },
];

describe("the check of slow patterns", () => {
  it.each(AGREED)("says of %s what recheck says", (pattern) => {
    expect(own(pattern)).toBe(reference(pattern));
  });

  it.each(DIFFERENT)("differs about $pattern, where $right is right: $why", (row) => {
    expect({ ours: own(row.pattern), theirs: reference(row.pattern) }).toEqual({
      ours: row.ours,
      theirs: row.theirs,
    });
  });
});
