// What the module notes of changed keys is what redis-server tells a client that tracks all keys.
//
// Commands of random sequences are sent to both, one at a time, and the keys compared that each says
// have changed. None may be missing here. One too many does no harm, and is counted: where a command
// leaves a value as it was, it may be noted all the same.

import { parseReplies, quote } from "./resp.mjs";
import { makeSequence } from "./sequence.mjs";

const SEQUENCES = 400;
const EXTRA_MOST = 0.01; // of the commands

// A key that has expired before it is set: redis makes and removes it, here it never is.
const isBornDead = ({ commands }) =>
  commands.some((words) => words.some((word) => /^(ex|px)at$/i.test(word)));
// LTRIM tells of itself though it takes nothing off.
const isCompared = (step) =>
  step.kind === "commands" && !step.mayWait && !isBornDead(step) && step.entry.name !== "LTRIM";

/** Of one command: what is wrong, or how many keys were noted though redis says nothing of them. */
async function compareChanges(peers, step) {
  const [redis, ours] = await Promise.all(
    peers.map(async (peer) => {
      parseReplies(await peer.exchange(step.text));
      return peer.changes();
    }),
  );
  if (redis === null || ours === null) return redis === ours || ours === null ? 0 : "not all";
  const missing = redis.find((key) => !ours.includes(key));
  if (missing !== undefined) return `${quote(missing)} has changed`;
  return ours.filter((key) => !redis.includes(key)).length;
}

/** A check as those of checks.mjs are. */
export async function changesAreNoted(peers, random) {
  const seed = random.word();
  const tally = { commands: 0, noted: 0, extra: new Map() };
  for (let number = 0; number < SEQUENCES; number++) {
    const sequence = makeSequence(seed, number);
    await Promise.all(peers.map((peer) => peer.begin(2, true)));
    await Promise.all(peers.map((peer) => peer.exchange("")));
    await Promise.all(peers.map((peer) => peer.changes()));
    for (const step of sequence.steps.filter(isCompared)) {
      const found = await compareChanges(peers, step);
      const words = step.commands.map((command) =>
        command.map((word) => quote(word, 60)).join(" "),
      );
      if (typeof found === "string")
        return `seed ${seed}, sequence ${number}: ${words.join("; ")}: ${found}`;
      tally.commands++;
      if (found) tally.extra.set(step.entry.name, (tally.extra.get(step.entry.name) ?? 0) + 1);
    }
  }
  const extra = [...tally.extra.values()].reduce((sum, count) => sum + count, 0);
  if (extra > EXTRA_MOST * tally.commands)
    return `${extra} of ${tally.commands} commands: ${[...tally.extra].join(" ")}`;
  return null;
}
