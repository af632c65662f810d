// Makes a sequence that shows a difference shorter, by playing it again with steps left out.

import { compareTranscripts, play } from "./play.mjs";

const MOST_PLAYS = 300;

/** Plays a sequence on both sides: the difference, and redis's transcript. */
export async function playBoth(peers, sequence, fresh) {
  const [redis, ours] = await Promise.all(peers.map((peer) => play(peer, sequence, fresh)));
  return { redis, difference: compareTranscripts(sequence, redis, ours) };
}

/** The shortest sequence found that still differs, and how; null if it does not when played again. */
export async function shrink(peers, sequence, difference) {
  let plays = 0;
  const attempt = async (candidate) => {
    if (plays++ >= MOST_PLAYS) return null;
    const { difference: found } = await playBoth(peers, candidate, true);
    return found && { sequence: candidate, difference: found };
  };
  const prefix = (whole, found) =>
    found.step < 0 ? whole : { ...whole, steps: whole.steps.slice(0, found.step + 1) };

  let best =
    (await attempt({ ...prefix(sequence, difference), delivery: "each" })) ??
    (await attempt(prefix(sequence, difference))) ??
    (await attempt(sequence));
  if (!best) return null;
  for (let size = Math.ceil(best.sequence.steps.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = best.sequence.steps.length - size; at >= 0; at -= size) {
      const steps = best.sequence.steps.slice();
      steps.splice(at, size);
      if (steps.length === 0) continue;
      const found = await attempt({ ...best.sequence, steps });
      if (found) best = { ...found, sequence: prefix(found.sequence, found.difference) };
      at = Math.min(at, best.sequence.steps.length);
    }
  return best;
}
