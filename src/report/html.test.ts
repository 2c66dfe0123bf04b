import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Content, escapeHtml, Html, html } from "./html.ts";

describe("the html tag", () => {
  const cases: { what: string; value: Content; expected: string }[] = [
    {
      what: "an element",
      value: "<script>alert(1)</script>",
      expected: "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    },
    { what: "a quote", value: `" onload='x`, expected: "<p>&quot; onload=&#39;x</p>" },
    { what: "an entity", value: "&lt;", expected: "<p>&amp;lt;</p>" },
    { what: "markup of its own", value: html`<b>${"<i>"}</b>`, expected: "<p><b>&lt;i&gt;</b></p>" },
    { what: "a list", value: ["<", html`<br>`, 3], expected: "<p>&lt;<br>3</p>" },
    { what: "nothing", value: [undefined, null, false], expected: "<p></p>" },
    { what: "a text that turns direction", value: "a\u202eb", expected: "<p>a\\u{202e}b</p>" },
    { what: "a control character", value: "a\u0000\rb", expected: "<p>a\\u{0}\\u{d}b</p>" },
    { what: "a lone surrogate", value: "a\ud800b😀", expected: "<p>a\\u{d800}b😀</p>" },
  ];
  it.each(cases)("shows $what as text or as it is", ({ value, expected }) => {
    expect(String(html`<p>${value}</p>`)).toBe(expected);
  });

  it("never lets a text open an element or leave an attribute", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        expect(escapeHtml(text)).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
    );
  });

  it("is the only maker of markup", () => {
    expect(() => new Html("<script>", Symbol("html"))).toThrow(/html tag/);
  });
});
