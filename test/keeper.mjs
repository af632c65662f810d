// Programs that tests start, and that outlive none of them.

import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Runs a program, and ends it and removes its directory when standard input does: when we stop it, or
// are no more, for whatever reason.
const KEEPER =
  'directory=$1; shift; "$@" </dev/null & read _; kill -9 $!; wait; rm -rf "$directory"';

/** A fresh directory, for `keep` to remove. */
export const freshDirectory = () => mkdtempSync(join(tmpdir(), "ferrite-redis-"));

/** Starts a program -> { log(): what it has printed, stop(): resolves when it is gone } */
export function keep(directory, program, words) {
  const keeper = ["-c", KEEPER, "keeper", directory, program, ...words];
  const child = spawn("sh", keeper, { detached: true }); // no interrupt from the terminal
  const gone = new Promise((resolve) => child.once("exit", resolve));
  let log = "";
  for (const output of [child.stdout, child.stderr]) output.on("data", (text) => (log += text));
  return {
    log: () => log,
    stop() {
      child.stdin.end();
      return gone;
    },
  };
}
