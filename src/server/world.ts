// What every request is served with.
import type { ServerResponse } from "node:http";
import type { Endpoint } from "./endpoint.ts";
import type { Tally } from "./tally.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What is there from the first moment on, before a model is. */
export interface Door {
  /** What clients must show; absent: nothing. */
  readonly key: string | undefined;
  /** Whether it listens on the loopback interface alone. */
  readonly local: boolean;
  /** Counts what is done. */
  readonly tally: Tally;
  /** Gets a line for every request. */
  readonly log: (line: string) => void;
  /** Answers under way. */
  readonly open: Set<ServerResponse>;
  /** Ends everything under way. */
  readonly ending: AbortController;
}

/** See the file's head. */
export interface World extends Door {
  /** What is served. */
  readonly endpoint: Endpoint;
  /** Bounds what is served at once. */
  readonly room: WaitingRoom;
  /** Milliseconds between signs of life in a stream. */
  readonly heartbeatMs: number;
  /** Since when, in seconds since 1970. */
  readonly started: number;
}
