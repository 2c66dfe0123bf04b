// Objects of C++ and what becomes of pointers to them, and what flags and partial reads make right in C:
// each weakness beside the variant that has it not.
import { beforeAll, describe, expect, it } from "vitest";
import { type BuiltinOracle, createBuiltinOracle } from "../engines/builtin.ts";

let oracle: BuiltinOracle;
beforeAll(async () => {
  oracle = await createBuiltinOracle({ threatModels: ["remote"] });
});

async function cwes(text: string): Promise<string[]> {
  const program = `#include <memory>\n#include <string>\n#include <vector>\n${text}\n`;
  const [result] = await oracle.scan([{ path: "a.cpp", language: "c", text: program }]);
  if (result?.status !== "scanned") throw new Error(JSON.stringify(result));
  return result.findings.filter(({ level }) => level !== "note").map(({ cwes }) => String(cwes[0]));
}

const f = (body: string): string => `int f(int n, char *s) {\n${body}\nreturn 0;\n}`;
const box = (members: string): string =>
  `class Box { char *p; public: Box() { p = new char[4]; } ~Box() { delete[] p; } ${members} };\n`;

describe("objects whose contents move, end or change hands", () => {
  it.each([
    [
      "a reference into a vector that grows",
      "CWE-416",
      f("std::vector<int> v{1}; int &x = v[0]; v.push_back(2); return x;"),
      f("std::vector<int> v{1}; v.push_back(2); int &x = v[0]; return x;"),
    ],
    [
      "a pointer into a vector that has room",
      "CWE-416",
      f("std::vector<int> v; v.push_back(1); int *p = v.data(); v.push_back(2); return *p;"),
      f("std::vector<int> v; v.reserve(9); v.push_back(1); int *p = v.data(); v.push_back(2); return *p;"),
    ],
    [
      "the text of a string without a name",
      "CWE-416",
      f("const char *t = (std::string(s) + s).c_str(); puts(t);"),
      f("std::string k = std::string(s) + s; const char *t = k.c_str(); puts(t);"),
    ],
    [
      "an index of a vector's size",
      "CWE-787",
      f("std::vector<int> v(10); for (int i = 0; i <= 10; i++) v[i] = i;"),
      f("std::vector<int> v(10); for (int i = 0; i < 10; i++) v[i] = i;"),
    ],
    [
      "what a smart pointer owns, deleted by hand",
      "CWE-415",
      f("auto p = std::make_unique<int>(3); delete p.get();"),
      f("auto p = std::make_unique<int>(3); delete p.release();"),
    ],
    [
      "a smart pointer that was moved from",
      "CWE-476",
      f("auto p = std::make_unique<int>(3); auto q = std::move(p); return *p;"),
      f("auto p = std::make_unique<int>(3); auto q = std::move(p); return *q;"),
    ],
    [
      "a member that the destructor deletes again",
      "CWE-415",
      `${box("void close() { delete[] p; }")}int main() { Box b; b.close(); }`,
      `${box("void close() { delete[] p; p = nullptr; }")}int main() { Box b; b.close(); }`,
    ],
    [
      "a flag that decides over both",
      "CWE-415",
      f("char *p = new char[4]; if (n) delete[] p; if (n != 1) delete[] p;"),
      f("char *p = new char[4]; if (n) delete[] p; if (!n) delete[] p;"),
    ],
    [
      "what is left to read",
      "CWE-787",
      f(
        "char b[64]; char *at = b; size_t left = 65; while (left > 0) { ssize_t k = recv(n, at, left, 0); if (k <= 0) return 1; at += k; left -= (size_t)k; }",
      ),
      f(
        "char b[64]; char *at = b; size_t left = 64; while (left > 0) { ssize_t k = recv(n, at, left, 0); if (k <= 0) return 1; at += k; left -= (size_t)k; }",
      ),
    ],
  ])("%s", async (_claim, cwe, wrong, right) => {
    expect(await cwes(wrong)).toContain(cwe);
    expect(await cwes(right)).toEqual([]);
  });
});

describe("checks of C++ texts", () => {
  const named = (check: string): string =>
    `#include <fstream>\nint main(int argc, char **argv) { char b[64]; recv(0, b, 63, 0); b[63] = 0; std::string t(b); ${check} std::ifstream in("data/" + t); }`;

  it.each([
    ["nothing", "", ["CWE-22"]],
    ["only the beginning", 'if (t.rfind("..", 0) == 0) return 1;', ["CWE-22"]],
    ["slashes", "if (t.find('/') != std::string::npos) return 1;", []],
    ["a set of letters", 'if (t.find_first_not_of("abc") != std::string::npos) return 1;', []],
    ["one name", 'if (t != "a.txt") return 1;', []],
  ])("%s", async (_claim, check, expected) => {
    expect(await cwes(named(check))).toEqual(expected);
  });
});
