// Commands are found whole, however the bytes that carry them are cut.
import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMAND, Framing, LINE, MALFORMED, UNFINISHED } from "../../glue/server/framing.js";
import { readWords, splitWords, writeWords } from "../../glue/server/words.js";
import { Random } from "../redis/random.mjs";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const ROUNDS = 300;

const LIMITS = { bulkBytes: 512 * 1024 * 1024 };

/** What a framing finds in bytes that come in these pieces: words, or why it is no command. */
function find(pieces) {
  const framing = new Framing(LIMITS);
  const found = [];
  for (const piece of pieces) {
    framing.append(Buffer.from(piece));
    for (let kind; (kind = framing.next()) !== UNFINISHED; ) {
      if (kind === MALFORMED) return [...found, framing.error];
      if (kind === LINE) found.push(framing.words);
      else if (framing.count === 0) found.push([]);
      else found.push(checkedWords(framing));
    }
    framing.release();
  }
  return found;
}

function checkedWords({ bytes, start, at, count, nameAt, nameEnd }) {
  const words = readWords(bytes, start);
  assert.equal(words.length, count);
  assert.equal(bytes.latin1Slice(nameAt, nameEnd), words[0]);
  assert.equal(at - start, writeWords(words).length);
  return words;
}

function randomWord(random) {
  const length = random.chance(0.05) ? random.below(100_000) : random.below(20);
  return Array.from({ length }, () => String.fromCharCode(random.below(256))).join("");
}

// A command, or what may stand for one, and the words it has.
function randomCommand(random) {
  if (random.chance(0.05)) return ["*0\r\n", []];
  if (random.chance(0.05)) return ["\r\n", []];
  const words = Array.from({ length: 1 + random.below(12) }, () => randomWord(random));
  if (random.chance(0.8)) return [writeWords(words).latin1Slice(), words];
  const plain = words.map((word) => word.replace(/[^a-z0-9]/g, "").slice(0, 50) + "x");
  return [`${plain.join(" ")}${random.chance(0.5) ? "\r\n" : "\n"}`, plain];
}

function cut(random, bytes) {
  const pieces = [];
  const most = random.pick([1, 10, 1000, 100_000]);
  for (let at = 0, next; at < bytes.length; at = next) {
    next = at + 1 + random.below(most);
    pieces.push(bytes.subarray(at, next));
  }
  return pieces;
}

test("commands are found, at once or in any pieces", (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const random = new Random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const commands = Array.from({ length: 1 + random.below(8) }, () => randomCommand(random));
    const bytes = Buffer.from(commands.map(([text]) => text).join(""), "latin1");
    const words = commands.map(([, list]) => list);
    assert.deepEqual(find([bytes]), words, `SEED=${SEED}, round ${round}, at once`);
    if (bytes.length > 5000 && round % 10) continue;
    assert.deepEqual(find(cut(random, bytes)), words, `SEED=${SEED}, round ${round}, in pieces`);
  }
});

test("what is broken is found where it is, at once or in any pieces", () => {
  const random = new Random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const commands = Array.from({ length: 1 + random.below(4) }, () => randomCommand(random));
    const bytes = Buffer.from(commands.map(([text]) => text).join(""), "latin1");
    if (bytes.length > 5000) continue;
    for (let i = 0; i < 3; i++) bytes[random.below(bytes.length)] = random.below(256);
    assert.deepEqual(
      find(cut(random, bytes)),
      find([bytes]),
      `SEED=${SEED}, round ${round}: ${JSON.stringify(bytes.latin1Slice())}`,
    );
  }
});

test("words of a line are split as Redis splits them", () => {
  const cases = [
    [" a  b\t", ["a", "b"]],
    ['"a b" c', ["a b", "c"]],
    [String.raw`"\x41\n\q\"" 'it\'s \n'`, ['A\nq"', "it's \\n"]],
    [`a"b c"`, ["ab c"]],
    [`""`, [""]],
    [`"a"b`, null],
    [`"a`, null],
    [`'a`, null],
    [`"a\\`, null],
    ["", []],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitWords(line), words, line);
});
