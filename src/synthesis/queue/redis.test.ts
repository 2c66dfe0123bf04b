import { describe, expect, it } from "vitest";
import { connectQueue, parseQueueAddress } from "./redis.ts";

describe("the address of a queue", () => {
  it.each([
    { text: "redis://host", shown: "redis://host" },
    { text: "redis://host:6380/2", shown: "redis://host:6380/2" },
    { text: "rediss://user:secret@host/", shown: "rediss://host" },
  ])("$text is shown as $shown", ({ text, shown }) => {
    expect(parseQueueAddress(text, {})).toMatchObject({ shown });
  });

  it.each(["localhost:6379", "http://host", "redis:", ""])("%j is refused, and not repeated", (text) => {
    expect(() => parseQueueAddress(text, {})).toThrow("--queue is not the address of a Redis server.");
  });
});

it("says in a sentence that no server is there", async () => {
  await expect(connectQueue(parseQueueAddress("redis://127.0.0.1:1", {}))).rejects.toMatchObject({
    code: "tool-missing",
    message: "No Redis server lets us in at redis://127.0.0.1:1 (ECONNREFUSED).",
  });
});
