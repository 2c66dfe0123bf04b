import { describe, expect, it } from "vitest";
import { htmlContext } from "./html-context.ts";

describe("htmlContext", () => {
  it.each([
    { before: "", expected: "text" },
    { before: "<p>Hello ", expected: "text" },
    { before: "a < b and ", expected: "text" },
    { before: '<p title="', expected: "quoted-attribute" },
    { before: "<p title='a > b \0 ", expected: "quoted-attribute" },
    { before: "<p title=", expected: "unquoted-attribute" },
    { before: "<p title=x\0", expected: "unquoted-attribute" },
    { before: '<p title="x">', expected: "text" },
    { before: '<a href="', expected: "link" },
    { before: '<a href="/user/', expected: "quoted-attribute" },
    { before: "<p onclick='go(", expected: "handler" },
    { before: "<p style='color: ", expected: "style" },
    { before: "<style>p { color: ", expected: "style" },
    { before: "<script>var a = '", expected: "script" },
    { before: "<script src='a.js'></script><p>", expected: "text" },
    { before: "<p ", expected: "tag" },
    { before: "<", expected: "text" },
  ])("is $expected after $before", ({ before, expected }) => {
    expect(htmlContext(before)).toBe(expected);
  });
});
