// What every request is served with.
import type { Endpoint } from "./endpoint.ts";
import type { Tally } from "./tally.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** See the file's head. */
export interface World {
  readonly endpoint: Endpoint;
  readonly key: string | undefined;
  /** Whether it listens on the loopback interface alone. */
  readonly local: boolean;
  readonly room: WaitingRoom;
  readonly tally: Tally;
  readonly heartbeatMs: number;
  readonly log: (line: string) => void;
  /** Ends everything under way. */
  readonly ending: AbortController;
  readonly started: number;
}
