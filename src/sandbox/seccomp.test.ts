import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FilterArch, refusedCalls, seccompFilter } from "./seccomp.ts";

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (number: number): number => 0x00050000 | number;
const audit = { x64: 0xc000003e, arm64: 0xc00000b7 };
const archs: readonly FilterArch[] = ["x64", "arm64"];

/** The kernel's machine, as far as the filter uses it. */
function decide(program: Buffer, call: { arch: number; number: number; args?: readonly number[] }): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, 0);
  data.writeUInt32LE(call.arch, 4);
  for (const [index, value] of (call.args ?? []).entries()) {
    data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + 8 * index);
  }
  let word = 0;
  for (let at = 0; at * 8 < program.length; at++) {
    const code = program.readUInt16LE(at * 8);
    const [yes, no] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    const operand = program.readUInt32LE(at * 8 + 4);
    if (code === 0x20) word = data.readUInt32LE(operand);
    else if (code === 0x06) return operand;
    else if (code === 0x15) at += word === operand ? yes : no;
    else if (code === 0x35) at += word >= operand ? yes : no;
    else if (code === 0x45) at += (word & operand) !== 0 ? yes : no;
    else throw new Error(`code ${code}`);
  }
  throw new Error("the program runs off its end");
}

describe.each(archs)("the filter for %s", (name) => {
  const program = seccompFilter(name);
  const arch = audit[name];
  const numbers = {
    x64: { read: 0, clone: 56, clone3: 435, socket: 41, ioctl: 16, prlimit: 302 },
    arm64: { read: 63, clone: 220, clone3: 435, socket: 198, ioctl: 29, prlimit: 261 },
  }[name];

  it.each([...refusedCalls(name)])("refuses %s", (_call, number) => {
    expect(decide(program, { arch, number })).toBe(errno(1));
  });

  it.each([
    { call: "read", args: [0], verdict: ALLOW },
    { call: "clone", args: [17], verdict: ALLOW },
    { call: "clone", args: [0x10000000 | 17], verdict: errno(1) },
    { call: "clone", args: [0x40000000], verdict: errno(1) },
    { call: "clone3", args: [], verdict: errno(38) },
    { call: "socket", args: [1], verdict: ALLOW },
    { call: "socket", args: [2], verdict: ALLOW },
    { call: "socket", args: [10], verdict: ALLOW },
    { call: "socket", args: [40], verdict: errno(97) },
    { call: "socket", args: [38], verdict: errno(97) },
    { call: "socket", args: [17], verdict: errno(97) },
    { call: "ioctl", args: [0, 0x5401], verdict: ALLOW },
    { call: "ioctl", args: [0, 0x5412], verdict: errno(1) },
    // The kernel looks at the lower half only, so must the filter.
    { call: "ioctl", args: [0, 2 ** 40 + 0x5412], verdict: errno(1) },
    { call: "prlimit", args: [0], verdict: ALLOW },
    { call: "prlimit", args: [1], verdict: errno(1) },
  ] as const)("says $verdict to $call$args", ({ call, args, verdict }) => {
    expect(decide(program, { arch, number: numbers[call], args })).toBe(verdict);
  });

  it("kills a call of another processor's interface", () => {
    expect(decide(program, { arch: 0x40000003, number: numbers.read })).toBe(KILL);
  });

  it("comes to a verdict on every call", () => {
    fc.assert(
      fc.property(fc.nat(600), fc.array(fc.nat(), { maxLength: 6 }), (number, args) => {
        const verdict = decide(program, { arch, number, args });
        return verdict === ALLOW || verdict >>> 16 === 5;
      }),
    );
  });
});

it("refuses the calls that an x86-64 kernel takes under x32 numbers", () => {
  const number = 0x40000000 | 101;
  expect(decide(seccompFilter("x64"), { arch: audit.x64, number })).toBe(errno(38));
});
