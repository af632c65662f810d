// A sequence: some tens of commands on a handful of keys, and how they are delivered. It is made from
// a seed and a number alone.
//
// Its steps are of these kinds:
//   commands   requests with a reply each; the last one's is compared by the rule of its table entry
//   iterate    SCAN, followed from cursor to cursor
//   silence    nothing, which gets no reply
//   and, as the last step only, tail, malformed, damaged and line: see protocol.mjs.

import { anyCase, garbage, keyPool } from "./arguments.mjs";
import { COMMANDS } from "./grammar.mjs";
import { cutShort, damage, MALFORMED, randomLine, SILENCE } from "./protocol.mjs";
import { Random } from "./random.mjs";
import { encodeArray, encodeInline, quote } from "./resp.mjs";

const WEIGHTED_COMMANDS = COMMANDS.map((entry) => [entry.weight, entry]);
const INLINE_LIMIT = 10000; // bytes; with all of them escaped, a line is still one to redis

export function makeSequence(seed, number) {
  const random = new Random(seed, number);
  const context = { random, keys: keyPool(random), uses: [] };
  const steps = Array.from({ length: random.between(10, 30) }, () => makeStep(context));
  if (number % 5 === 4) steps.push(makeEnd(context, Math.floor(number / 5)));
  return {
    seed,
    number,
    form: random.chance(0.5) ? 3 : 2,
    delivery: random.pick(["whole", "whole", "each", "torn", "bytes"]),
    cutSeed: random.word(),
    steps,
  };
}

function makeStep(context) {
  const { random } = context;
  if (random.chance(0.01)) return { kind: "silence", text: random.pick(SILENCE) };
  const entry = random.weighted(WEIGHTED_COMMANDS);
  context.uses = [];
  const words = entry.words.map((text) => anyCase(random, text));
  let args = entry.args.flatMap((generator) => generator(context));
  let spoilt = entry.maySpoil && random.chance(0.07);
  if (spoilt) {
    const others = spoil(args, random);
    spoilt = !expiresSoon(words[0], others) && !isScoreMinusZero(words[0], others);
    if (spoilt) args = others;
  }
  const before = entry.before.flatMap((generator) => generator(context));
  const step = {
    entry,
    uses: spoilt ? [] : context.uses,
    commands: [...before, [...words, ...args]],
  };
  if (entry.iterates) return { ...step, kind: "iterate" };
  const text = encodeStep(step.commands, random);
  return { ...step, kind: "commands", text, mayWait: entry.mayWait };
}

function encodeStep(commands, random) {
  const last = commands[commands.length - 1];
  const size = last.reduce((sum, arg) => sum + arg.length, 0);
  const inline = size < INLINE_LIMIT && random.chance(0.08);
  const before = commands.slice(0, -1).map(encodeArray).join("");
  return before + (inline ? encodeInline(last, random) : encodeArray(last));
}

/** Leaves an argument out, or has one too many, or one that does not belong. */
function spoil(args, random) {
  const out = args.slice();
  const at = random.below(out.length + 1);
  random.weighted([
    [3, () => out.splice(at, 1)],
    [2, () => out.splice(at, 0, garbage({ random }))],
    [3, () => out.splice(at, 1, garbage({ random }))],
    [1, () => out.splice(at, 0, ...out.slice(at, at + 2))],
    [2, () => out.splice(0)],
  ])();
  return out;
}

/** Would a key expire while a sequence is played, in one of the two after and in the other before? */
function expiresSoon(name, args) {
  const px = args.findIndex((arg) => /^px$/i.test(arg)) + 1;
  const ms = /^(psetex|h?pexpire)$/i.test(name) ? args[1] : px && args[px];
  return ms > 0 && ms < 1000;
}

/** Redis keeps a score of -0 in a large sorted set, and shows it. */
function isScoreMinusZero(name, args) {
  return /^(zadd|zincrby)$/i.test(name) && args.some((arg) => /^-0(\.0*)?$/.test(arg));
}

/** The kinds of bad ends, and all that is malformed, take turns. */
function makeEnd({ random, keys }, turn) {
  const kind = ["tail", "malformed", "damaged", "line"][turn % 4];
  const key = random.pick(keys).slice(0, 30).replaceAll("\0", "0");
  const simple = () => random.pick(simpleRequests(key, String(random.below(1000))));
  const text = {
    tail: () => cutShort(simple(), random),
    malformed: () => MALFORMED[Math.floor(turn / 4) % MALFORMED.length],
    damaged: () => {
      const requests = Array.from({ length: random.between(1, 4) }, simple);
      return damage(requests.map(encodeArray).join(""), random);
    },
    line: () => randomLine(random),
  }[kind]();
  return { kind, text };
}

const simpleRequests = (key, text) => [
  ["SET", key, text],
  ["GET", key],
  ["APPEND", key, text],
  ["MSET", key, text, "other", key],
  ["ECHO", text],
  ["STRLEN", key],
];

/** Where a text is cut on its way to the host of the module. */
export function cutsOf({ delivery, cutSeed }, texts) {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (delivery === "each") {
    let at = 0;
    return texts.slice(0, -1).map((text) => (at += text.length));
  }
  if (delivery === "bytes" && length < 1500) return Array.from({ length }, (_, i) => i);
  if (delivery === "whole") return [];
  const random = new Random(cutSeed, length);
  const cuts = Array.from({ length: random.between(1, 8) }, () => random.below(length + 1));
  return cuts.sort((a, b) => a - b);
}

/** A step for people, one command a line. */
export function describeStep(step) {
  const line = (args) =>
    args.map((arg) => (/^[\w:.*-]{1,80}$/.test(arg) ? arg : quote(arg))).join(" ");
  if (!step.commands) return `(${step.kind}) ${quote(step.text)}`;
  const inline =
    step.text && !step.text.endsWith(encodeArray(step.commands[step.commands.length - 1]));
  const how = step.kind === "iterate" ? "(to the end) " : inline ? "(inline) " : "";
  return how + step.commands.map(line).join("\n");
}
