import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { incompleteHostname } from "../checks/hostnames.ts";
import { overlyLargeRange } from "../checks/ranges.ts";
import { missedForm } from "../checks/tag-filters.ts";
import { excludedBy, removedBy } from "./chars.ts";
import { matchesWhole } from "./match.ts";
import { parseRegex } from "./parse.ts";
import { growthOf } from "./superlinear.ts";

const plain = { ignoreCase: false, dotAll: false };

describe("patterns", () => {
  it("are parsed to the end, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."ab.[]^$(){}|\\*+?-,0dw=!<>:P#&"), maxLength: 30 }),
        (pattern) => {
          expect(parseRegex(pattern).end).toBeLessThanOrEqual(pattern.length);
          growthOf(parseRegex(pattern), { anywhere: true });
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ["a+b", "aab", true],
    ["a+b", "b", false],
    ["(x|y)*z", "xyyz", true],
    ["[^a-c]+", "xyz", true],
    ["[^a-c]+", "xbz", false],
    ["(?:ab){2}", "abab", true],
    ["a{2,3}", "aaaa", false],
    ["\\d\\w\\s", "1_ ", true],
    ["(?=ab)a.", "ab", true],
    ["(?!ab)a.", "ab", false],
    [".", "\n", false],
  ])("%s on %j", (pattern, text, expected) => {
    expect(matchesWhole(parseRegex(pattern), text, plain)).toBe(expected);
  });

  it("give up on what takes too long", () => {
    expect(matchesWhole(parseRegex("(a+)+b"), "a".repeat(60), plain)).toBeUndefined();
  });
});

describe("growth", () => {
  it.each([
    ["\\s+$", "polynomial"],
    ["<script.*?>", "polynomial"],
    ["^\\s+", "linear"],
    ["^\\w+\\.\\w+$", "linear"],
    ["^\\w+\\.?\\w+$", "polynomial"],
    ["a*", "linear"],
    ["[^<]*<", "polynomial"],
    ["^(a+)+$", "exponential"],
    ["^(a|a)*$", "exponential"],
    ["^_(__|.)+_$", "exponential"],
    ["^(ab|a|b)*c", "exponential"],
    ["^(a|ba|ab)*c", "exponential"],
    ["^_(__|[^_])+_$", "linear"],
    ["^(ab|ac)*c", "linear"],
    ["^(ab)+$", "linear"],
    ["^(a+b)+$", "linear"],
    ["www", "linear"],
  ] as const)("of %s is %s", (pattern, expected) => {
    expect(growthOf(parseRegex(pattern), { anywhere: true })).toBe(expected);
  });

  it("of a pattern tried at the start only needs two loops", () => {
    expect(growthOf(parseRegex("\\s+$"), { anywhere: false })).toBe("linear");
  });
});

describe("characters", () => {
  it.each([
    ["[\\r\\n]", "\n", true],
    ["\\n+", "\n", true],
    ["\\n\\n", "\n", false],
    ["\\n{2,}", "\n", false],
    ["[^a-z]", "\n", true],
    ["a|\\n", "\n", true],
    [".", "\n", false],
  ])("replacing %s removes every %j: %s", (pattern, char, expected) => {
    expect(removedBy(pattern)(char)).toBe(expected);
  });

  it.each([
    ["^[a-z]+$", ";", false, true],
    ["^[a-z]+$", "\n", false, false],
    ["^[a-z]+\\Z", "\n", false, true],
    ["[a-z]+", ";", true, true],
    ["[a-z]+", ";", false, false],
    ["^.+$", ";", false, false],
    ["^[^x]+$", ";", false, false],
    ["^(a)\\1$", ";", false, false],
  ])("a match of %s has no %j (whole: %s): %s", (pattern, char, whole, expected) => {
    expect(excludedBy(pattern, { whole })(char)).toBe(expected);
  });
});

describe("weak patterns", () => {
  it.each([
    ["^https?://www.example\\.com/", true],
    ["^https?://www\\.example\\.com/", false],
    ["www\\.example.com", false], // the dot before the ending is another rule's affair
    ["^(www|beta).example.com/", true],
    ["^.*\\.example\\.com$", false],
    ["^.*\\.example\\.com/", true],
    ["..\\.example\\.com", false],
    ["hello.world", false],
  ])("%s names more hosts than it should: %s", (pattern, expected) => {
    expect(incompleteHostname(pattern) !== undefined).toBe(expected);
  });

  it.each([
    ["[A-z]", true],
    ["[a-zA-Z]", false],
    ["[,-.]", false],
    ["[$-_]", true],
    ["[ -~]", false],
    ["[0-9a-f]", false],
    ["[9-0]", true],
    ["[\\x00-\\x1f]", false],
  ])("%s is an overly large range: %s", (pattern, expected) => {
    expect(overlyLargeRange(pattern) !== undefined).toBe(expected);
  });

  it.each([
    ["<script>.*?</script>", plain, true],
    ["<script[^>]*>[\\s\\S]*?</script[^>]*>", { ignoreCase: true, dotAll: false }, false],
    ["<b>.*</b>", plain, false],
    ["<!--.*-->", { ignoreCase: false, dotAll: true }, true],
  ])("%s misses a form of what it filters: %s", (pattern, flags, expected) => {
    expect(missedForm(pattern, flags) !== undefined).toBe(expected);
  });
});
