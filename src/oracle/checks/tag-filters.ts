// CWE-116: patterns that are meant to find script elements or comments in HTML, and miss forms
// that browsers accept: other case, blanks or attributes in the end tag, line breaks, `--!>`.
import { type MatchFlags, matchesWhole } from "../regex/match.ts";
import { nodesOf, parseRegex } from "../regex/parse.ts";
import type { CallSite } from "../taint/call-site.ts";
import type { CheckHit, CheckInput } from "./checks.ts";

interface Family {
  /** What such a pattern has in it. */
  readonly hint: RegExp;
  readonly plain: readonly string[];
  /** Forms that it must find as well, and what they are. */
  readonly variants: readonly { readonly text: string; readonly what: string }[];
}

const FAMILIES: readonly Family[] = [
  {
    hint: /<[\s\S]*script/i,
    plain: ["<script>alert(1)</script>", "<script></script>"],
    variants: [
      { text: "<SCRIPT>alert(1)</SCRIPT>", what: "upper case <SCRIPT> tags" },
      { text: "<script>alert(1)</script >", what: "script end tags like </script >" },
      { text: '<script>alert(1)</script foo="bar">', what: 'script end tags like </script foo="bar">' },
      { text: "<script>alert(1)\n</script>", what: "scripts with line breaks" },
    ],
  },
  {
    hint: /<!--/,
    plain: ["<!-- foo -->"],
    variants: [
      { text: "<!-- foo --!>", what: "comments ending with --!>" },
      { text: "<!-- foo\n -->", what: "comments with line breaks" },
    ],
  },
];

/** Filters for script elements and comments that miss some. */
export function badTagFilters({ patterns }: CheckInput): CheckHit[] {
  return patterns.flatMap(({ literal, call }) => {
    if (typeof literal.value !== "string" || !literal.value.includes("<")) return [];
    const missed = missedForm(literal.value, flagsOf(call, literal.value));
    return missed === undefined
      ? []
      : [{ node: literal.node, detail: `This regular expression does not match ${missed}.` }];
  });
}

/** What a filter misses; undefined where it is no such filter or misses nothing. */
export function missedForm(pattern: string, flags: MatchFlags): string | undefined {
  const root = parseRegex(pattern);
  for (const { hint, plain, variants } of FAMILIES) {
    if (!hint.test(pattern)) continue;
    for (const [index, base] of plain.entries()) {
      if (matchesWhole(root, base, flags) !== true) continue;
      // A filter for empty elements only is judged by empty elements.
      const forms =
        index === 0
          ? variants
          : variants.map((form) => ({ ...form, text: form.text.replace("alert(1)", "") }));
      // Constants only: a comparison with one text, not a filter.
      if (![...nodesOf(root)].some((node) => node.type === "repeat")) return undefined;
      const missed = forms.find(({ text }) => matchesWhole(root, text, flags) === false);
      if (missed !== undefined) return missed.what;
      break;
    }
  }
  return undefined;
}

function flagsOf(call: CallSite, pattern: string): MatchFlags {
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern)?.[1] ?? "";
  const last = call.keywords.get("flags")?.node.text ?? call.positional.at(-1)?.node.text ?? "";
  return {
    ignoreCase: inline.includes("i") || /\bre\.(?:I|IGNORECASE)\b|\bIGNORECASE\b/.test(last),
    dotAll: inline.includes("s") || /\bre\.(?:S|DOTALL)\b|\bDOTALL\b/.test(last),
  };
}
