// Before the tests: a folder for everything that they put into the system's temporary folder. After them it goes,
// with whatever a test has left there (https://vitest.dev/config/globalsetup).
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder = "";

/** Makes the folder and names it to every test. */
export async function setup(): Promise<void> {
  // A short name: the path of a Unix socket has 108 characters at most.
  folder = await mkdtemp(join(tmpdir(), "hexa-"));
  // Open to all, as the system's own is: some tests run as another user.
  await chmod(folder, 0o1777);
  process.env.TMPDIR = folder;
}

/** Takes it away. */
export async function teardown(): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
