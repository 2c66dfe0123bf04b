// Tools file one weakness under different CWE numbers: path traversal is 22, 23 or 36, a slow pattern
// 400, 730 or 1333. For a comparison between tools each number stands for its group.
import { type CweId, cweNumber, parseCweId } from "../../src/core/cwe.ts";

/** The group's own number, and the numbers that are filed under it. */
const GROUPS: Readonly<Record<number, readonly number[]>> = {
  20: [185, 625],
  22: [23, 36, 73, 99],
  78: [77, 88],
  79: [80],
  89: [],
  94: [95],
  116: [186],
  117: [],
  119: [120, 121, 122, 125, 131, 170, 242, 676, 787, 788, 805],
  134: [],
  190: [191, 197, 680, 681, 789],
  209: [497],
  215: [489],
  295: [],
  312: [315, 359, 532],
  327: [326, 328, 916],
  377: [379],
  415: [416, 825],
  476: [252, 690],
  502: [],
  601: [],
  611: [827],
  643: [],
  730: [400, 1333],
  732: [276],
  776: [],
  798: [259, 321],
  918: [],
  943: [],
};

const groupOf = new Map(
  Object.entries(GROUPS).flatMap(([own, others]) => [Number(own), ...others].map((id) => [id, Number(own)])),
);

/** The group of a weakness; undefined for one that no group holds, which is then left out of a comparison. */
export function weaknessGroup(cwe: CweId): CweId | undefined {
  const group = groupOf.get(cweNumber(cwe));
  return group === undefined ? undefined : parseCweId(String(group));
}
