import { describe, expect, it } from "vitest";
import { createOperationProbe } from "./operations.ts";

const probe = await createOperationProbe();
const head = "char *find(const char *name);\nvoid f(char *x, int n, char *to)\n{\n";
const performs = (body: string, operation: string): boolean | "unscanned" =>
  probe.performs({ path: "a.c", language: "c", text: `${head}${body}}\n` }, operation);

describe("risky operations in C", () => {
  it.each([
    {
      operation: "open-file",
      unsafe: "fopen(x, 0);",
      safe: "open(basename(x), 0);",
      other: 'fopen("a", 0);',
    },
    {
      operation: "multiply",
      unsafe: "n = n * 4;",
      safe: "__builtin_mul_overflow(n, 4, &n);",
      other: "n = 4 * 4;",
    },
    { operation: "add", unsafe: "n = n + 4;", safe: "if (n < 9) n += 4;", other: "n = sizeof(n) - 1;" },
    { operation: "allocate", unsafe: "*malloc(4) = 1;", safe: "to = malloc(4);", other: "free(x);" },
    { operation: "look-up", unsafe: "*getenv(x);", safe: "if (find(x)) return;", other: "puts(x);" },
    {
      operation: "search",
      unsafe: "*strchr(x, 46) = 0;",
      safe: "if (strrchr(x, 46)) return;",
      other: "strlen(x);",
    },
    {
      operation: "open-stream",
      unsafe: "fgetc(popen(x, x));",
      safe: 'to = fopen("a", "r");',
      other: "fclose(x);",
    },
    {
      operation: "write-buffer",
      unsafe: "strcpy(to, x);",
      safe: "snprintf(to, 4, x, x);",
      other: 'strcpy(to, "a");',
    },
    {
      operation: "write-buffer",
      unsafe: "to[n] = *x;",
      safe: "*to++ = *x++;",
      other: "to[n] = 0; to[0] = *x;",
    },
    { operation: "read-text", unsafe: 'scanf("%s", x);', safe: "fgets(x, 9, to);", other: "puts(x);" },
  ])(
    "$operation is seen, done safely or not, and not seen in $other",
    ({ operation, unsafe, safe, other }) => {
      expect(performs(unsafe, operation)).toBe(true);
      expect(performs(safe, operation)).toBe(true);
      expect(performs(other, operation)).toBe(false);
    },
  );

  it("cannot be told of a program that does not parse", () => {
    expect(performs("if (n {", "add")).toBe("unscanned");
  });

  it("are not looked for in Python, nor Python's in C", () => {
    expect(performs("n = n * 4;", "parse-xml")).toBe("unscanned");
    expect(probe.performs({ path: "a.py", language: "python", text: "n * 4\n" }, "multiply")).toBe(
      "unscanned",
    );
  });
});
