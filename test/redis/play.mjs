// Plays a sequence on one side, and compares what two sides answered.
//
// A transcript holds the replies to each step, in lists as long as the step's commands; then the
// keyspace as it was at the end. A side that broke off says so in `trouble`.

import { FACTS } from "./grammar.mjs";
import { encodeArray, parseReplies, quote } from "./resp.mjs";
import * as rules from "./rules.mjs";
import { cutsOf } from "./sequence.mjs";

/** Whatever goes wrong on the side that is tested is its trouble; with redis, it is this test's. */
export async function play(peer, sequence, fresh) {
  const transcript = { replies: [], keyspace: null, trouble: null };
  try {
    await peer.begin(sequence.form, fresh);
    const { steps } = sequence;
    for (let at = 0; at < steps.length; at = transcript.replies.length) {
      const end = batchEnd(steps, at);
      if (end === at) transcript.replies.push([await playAlone(peer, steps[at])]);
      else transcript.replies.push(...(await playBatch(peer, sequence, steps.slice(at, end))));
    }
    transcript.keyspace = await readKeyspace(peer);
  } catch (error) {
    if (peer.name === "redis") throw error;
    transcript.trouble = error.message;
  }
  return transcript;
}

/** Steps up to `end` may be sent in one go. */
function batchEnd(steps, at) {
  const end = steps.findIndex((step, i) => i >= at && !["commands", "silence"].includes(step.kind));
  return end < 0 ? steps.length : end;
}

const [MULTI, EXEC] = [["MULTI"], ["EXEC"]].map(encodeArray);

async function playBatch(peer, sequence, steps) {
  const isQueued = (step) => step.mayWait && peer.mayWait;
  const texts = steps.map((step) => (isQueued(step) ? MULTI + step.text + EXEC : step.text));
  const reply = await peer.exchange(texts.join(""), { cuts: cutsOf(sequence, texts) });
  const replies = parseReplies(reply);
  const due = steps.map((step) => (step.commands?.length ?? 0) + (isQueued(step) ? 2 : 0));
  const total = due.reduce((sum, count) => sum + count, 0);
  if (replies.length !== total)
    throw new Error(`${replies.length} replies to ${total} requests: ${quote(reply)}`);
  return steps.map((step, i) => {
    const answers = replies.splice(0, due[i]);
    return isQueued(step) ? unqueue(answers) : answers;
  });
}

/** The replies of what was queued; or, if EXEC did nothing, those to the queueing. */
function unqueue(answers) {
  const executed = answers.pop();
  return executed.type === "*" ? executed.value : answers.slice(1);
}

async function playAlone(peer, step) {
  switch (step.kind) {
    case "iterate":
      return iterate(peer, step.commands[0]);
    case "tail":
      return asReply(await peer.exchange("", { tail: step.text }));
    case "malformed":
      return asReply(await peer.exchangeUntilClosed(step.text));
    case "damaged":
    case "line":
      return asReply(await peer.exchangeAny(step.text));
  }
  throw new Error(`no such kind of step: ${step.kind}`);
}

const asReply = (raw) => ({ type: raw[0], value: raw.slice(1, -2), raw });

/**
 * SCAN, or a scan of what a key holds, from the cursor given to the end: an error, or all that was
 * found, once each, sorted.
 */
async function iterate(peer, command) {
  const found = new Set();
  const at = /^scan$/i.test(command[0]) ? 1 : 2;
  const together = /^hscan$/i.test(command[0]) ? 2 : 1; // a field and its value
  let cursor = command[at];
  for (let calls = 0; calls < 100000; calls++) {
    const [reply] = parseReplies(
      await peer.exchange(encodeArray([...command.slice(0, at), cursor, ...command.slice(at + 1)])),
    );
    if (reply.type === "-") return reply;
    if (reply.value?.length !== 2) throw new Error(`SCAN answered ${quote(reply.raw)}`);
    cursor = reply.value[0].value;
    const items = reply.value[1].value.map((item) => item.raw);
    while (items.length > 0) found.add(items.splice(0, together).join(""));
    if (cursor === "0") return { type: "*", value: [], raw: [...found].sort().join("") };
  }
  throw new Error("SCAN does not come to an end");
}

/** The replies to the questions of FACTS, of each key. */
async function readKeyspace(peer) {
  const ask = async (commands) =>
    parseReplies(await peer.exchange(commands.map(encodeArray).join("")));
  const [all] = await ask([["KEYS", "*"]]);
  const keys = all.value.map((item) => item.value).sort();
  const replies = await ask(keys.flatMap((key) => FACTS.map((fact) => fact.ask(key))));
  return new Map(keys.map((key) => [key, replies.splice(0, FACTS.length)]));
}

/** null, or { step, reason, redis, ours }; step is -1 if only the keyspace at the end differs. */
export function compareTranscripts(sequence, redis, ours) {
  for (let i = 0; i < ours.replies.length; i++) {
    const difference = compareStep(sequence.steps[i], redis.replies[i], ours.replies[i]);
    if (difference) return { step: i, ...difference };
    if (!ours.trouble && addsToCorrupt(sequence.steps[i], redis.replies[i])) return null;
  }
  if (ours.trouble) return { step: sequence.steps.length - 1, reason: ours.trouble };
  return compareKeyspaces(redis.keyspace, ours.keyspace);
}

// Redis has added some of the elements before it sees that the sketch is corrupt; nothing is added here.
function addsToCorrupt(step, replies) {
  const command = step.commands?.at(-1);
  return (
    /^pfadd$/i.test(command?.[0]) &&
    replies.at(-1)?.raw?.startsWith("-INVALIDOBJ") &&
    command.length > 3
  );
}

function compareStep(step, redis, ours) {
  if (ours.length === 0) return null;
  const rule = step.kind === "commands" ? step.entry.compare : rules.exact;
  const [theirs, mine] = [redis[redis.length - 1], ours[ours.length - 1]];
  const reason = rule(theirs, mine, redis[0], ours[0]);
  return reason && { reason, redis: theirs.raw, ours: mine.raw };
}

function compareKeyspaces(redis, ours) {
  for (const key of new Set([...redis.keys(), ...ours.keys()])) {
    const at = `at the end, of ${quote(key)}`;
    const [theirs, mine] = [redis.get(key), ours.get(key)];
    if (!theirs || !mine)
      return { step: -1, reason: `${at}: ${theirs ? "only there" : "only here"}` };
    for (const [i, { name, compare }] of FACTS.entries()) {
      const reason = compare(theirs[i], mine[i]);
      if (reason)
        return {
          step: -1,
          reason: `${at}, the ${name}: ${reason}`,
          redis: theirs[i].raw,
          ours: mine[i].raw,
        };
    }
  }
  return null;
}

/** Counts what the replies of redis show to have been exercised. */
export function recordTranscript(sequence, transcript, coverage) {
  for (const [i, step] of sequence.steps.entries()) {
    const replies = transcript.replies[i];
    if (step.entry) coverage.record(step.entry.name, step.uses, replies[replies.length - 1]);
    else if (step.kind === "malformed") coverage.record("(protocol)", [], replies[0]);
  }
}
