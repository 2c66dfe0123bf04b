import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readyEventSchema } from "../llm/trainer.ts";
import { resource } from "../util/resources.ts";
import { parseTrainerEvent, trainerEventSchema } from "./events.ts";

const lines = readFileSync(resource("test", "fixtures", "trainer-events.jsonl"), "utf8")
  .trim()
  .split("\n");
const ready = lines.filter((line) => JSON.parse(line).event === "ready");
const training = lines.filter((line) => JSON.parse(line).event !== "ready");

describe("the examples that both sides read", () => {
  it.each(training)("%s is read without losing a field", (line) => {
    expect(parseTrainerEvent(line)).toEqual(JSON.parse(line));
  });

  it("include the server's first line", () => {
    expect(ready).not.toHaveLength(0);
    // Host and port are in the address already.
    for (const line of ready)
      expect(JSON.parse(line)).toMatchObject(readyEventSchema.parse(JSON.parse(line)));
  });

  it("cover every event that is known here", () => {
    const known = trainerEventSchema.options.map((option) => option.shape.event.value);
    expect(new Set(training.map((line) => JSON.parse(line).event))).toEqual(new Set(known));
  });
});

it.each(["", "Downloading: 100%", "[]", "null", '{"event":"dance"}', '{"event":"step","step":"one"}'])(
  "%j is no event",
  (line) => {
    expect(parseTrainerEvent(line)).toBeUndefined();
  },
);
