// Arguments chosen to hurt. A generator is a function of a context {random, keys, uses} that gives
// one argument, or a list of them; `uses` collects the names of the options it generated.
//
// Some things are left out on purpose. A real clock and a real memory limit would make the answers of
// the two sides differ rightly:
//   - a time to live between 1 ms and 100 s (it could run out while a sequence is compared);
//   - an offset that would make a string of many megabytes.
// An accident of C is nobody's promise:
//   - a NUL in a cursor (redis reads it up to there).

import * as forms from "../snapshot/forms.mjs";

/** Absolute expiries to come lie from here on, in seconds, and no relative one does: rules.mjs. */
export const FUTURE_S = 4102444800; // the year 2100
export const FUTURE_SPAN_S = 1e9;

const list = (text) => text.trim().split(/\s+/);

// --- making generators of generators -------------------------------------------------------------

export const oneOf =
  (...texts) =>
  ({ random }) =>
    random.pick(texts);

/** Mostly `usual`; now and then something else. */
export const mostly =
  (usual, unusual, rarely = 0.12) =>
  (context) =>
    (context.random.chance(rarely) ? unusual : usual)(context);

export const repeat = (least, most, generator) => (context) => {
  const count = context.random.between(least, most);
  return Array.from({ length: count }, () => generator(context)).flat();
};

/** An option's or a subcommand's name as people type it. */
export function anyCase(random, text) {
  if (random.chance(0.7)) return text;
  if (random.chance(0.5)) return text.toLowerCase();
  return [...text].map((c) => (random.chance(0.5) ? c.toLowerCase() : c)).join("");
}

/**
 * Some of the options {NAME: generators of its arguments}, in any order, conflicts and repetitions
 * included. `likely` is the chance that there are any at all.
 */
export function options(choices, likely = 0.6) {
  const names = Object.keys(choices);
  const generate = (context) => {
    const { random, uses } = context;
    const out = [];
    if (!random.chance(likely)) return out;
    const count = random.weighted([
      [60, 1],
      [25, 2],
      [10, 3],
      [5, 4],
    ]);
    for (let i = 0; i < count; i++) {
      const name = random.pick(names);
      uses.push(name);
      out.push(anyCase(random, name), ...choices[name].flatMap((of) => of(context)));
    }
    return out;
  };
  generate.options = names;
  return generate;
}

// --- keys ----------------------------------------------------------------------------------------

const PLAIN_KEYS = ["a", "b", "ab", "abc", "h[e]llo", "h*llo", "h?llo", "back\\slash"];
const ODD_KEYS = ["\0", "a\0b", "a\r\nb", "sp ace", '"q"', "'", "-1", "NX", "{tag}x"];
const KEY_STYLES = [
  [8, (random) => `key:${random.below(50)}`],
  [2, (random) => random.pick(PLAIN_KEYS)],
  [1, () => ""],
  [1, (random) => random.bytes(random.between(1, 20))],
  [1, (random) => random.pick(ODD_KEYS)],
  [1, (random) => `${"long:".repeat(random.between(40, 60))}${random.below(10)}`],
  [0.1, (random) => "K".repeat(random.pick([1000, 4096, 9000, 70000]))],
];

/** A handful of keys, so that commands of one sequence meet on the same ones. */
export function keyPool(random) {
  const keys = new Set();
  const count = random.between(2, 7);
  while (keys.size < count) keys.add(random.weighted(KEY_STYLES)(random));
  return [...keys];
}

export const key = ({ random, keys }) => random.pick(keys);

/** A key that is mostly one of a type's own, so that keys of all types live side by side. */
const keyOf = (prefix) => (context) =>
  context.random.chance(0.9)
    ? prefix + context.random.pick(context.keys.slice(0, 2))
    : key(context);
export const hashKey = keyOf("hash:");
export const listKey = keyOf("list:");
export const setKey = keyOf("set:");
export const sortedKey = keyOf("zset:");
/** Of a sorted set whose members have one score, so that their names have an order. */
export const flatKey = ({ random, keys }) =>
  (random.chance(0.7) ? "flat:" : random.pick(["list:", "hash:", "set:"])) +
  random.pick(keys.slice(0, 2));

// --- numbers and values ----------------------------------------------------------------------------

const I64_MAX = "9223372036854775807";
const I64_MIN = "-9223372036854775808";

const INTEGERS = list(`
  0 1 -1 7 10 42 100 9999 10000 -12345 999999 2147483647 -2147483648 2147483648 4294967295
  4294967296 9007199254740993 9223372036854775806 ${I64_MAX} -9223372036854775807 ${I64_MIN}
`);

const NOT_INTEGERS = [
  ...list(`
    - + +1 007 -0 -01 00 1.0 1e3 0x10 five 1,000 --1 9223372036854775808 -9223372036854775809
    18446744073709551615 18446744073709551616 99999999999999999999999999
  `),
  ...["", " ", " 5", "5 ", "5\0", "\xb2"],
];

export const FLOATS = list(`
  0 1 -1 0.1 0.2 0.3 1.5 -2.25 3.14159265358979323846 10.50 5.0e3 1e-5 1E+10 .5 5. -.5 +1.5
  0x1p3 0x.8 0X1.8P1 -0x10 0x1.8p-3 -0 -0.0 00012.5 0.00000000000000001 0.1e-16 1e-17 5e-18
  4.9e-18 2.5e-17 1e-4950 0.333333333333333333333333333333 16777217 9007199254740993
  123456789012345678 9223372036854775807 18446744073709551616 18446744073709551617
  1e15 1e16 1e17 1e19 1e20 1e300 1.7976931348623157e308 1e1000 3.0e3
`);

// What overflows an extended number, or is the largest there is.
export const HUGE_FLOATS = list(`
  1.18973149535723176502e+4932 -1.18973149535723176502e+4932 1e4932 -1e4932 9e4931
`);

export const NOT_FLOATS = [
  ...list("abc nan NaN -nan nan(1) 1.5x 0x 1e 1e+ 1..5 --1 1e5000 -1e5000 1,5 e5 . + 0x1p 1_000"),
  ...["", " ", "1.5 ", " 1.5", "1.5\0", "\0", "0".repeat(300)],
];

const INFINITIES = list("inf -inf +inf Infinity INF -infinity iNf");

export const integer = mostly(
  ({ random }) => {
    return random.chance(0.6) ? String(random.between(-200, 200)) : random.pick(INTEGERS);
  },
  oneOf(...NOT_INTEGERS),
);

/** Near an edge of i64, to add to or subtract from one another. */
export const edgeInteger = oneOf(
  ...[I64_MAX, I64_MIN, "9223372036854775800", "-9223372036854775800", "1", "-1", "8", "-8", "0"],
);

const shortFloat = ({ random }) =>
  `${random.pick(["", "-"])}${random.below(1000)}.${random.below(10 ** random.between(1, 9))}`;

export const float = ({ random }) =>
  random.weighted([
    [5, shortFloat],
    [8, oneOf(...FLOATS)],
    [1, oneOf(...HUGE_FLOATS)],
    [1, oneOf(...NOT_FLOATS)],
    [0.5, oneOf(...INFINITIES)],
    [1, oneOf(...INTEGERS)],
  ])({ random });

const fill = (random, length) => {
  const unit = random.pick(["x", "0123456789", "ab\r\n", "\0\xff", '{"json": [1, 2.5, null]} ']);
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
};

// Where an encoding changes, or the size of a header.
const LENGTHS = [19, 20, 21, 43, 44, 45, 46, 63, 64, 127, 128, 129, 255, 256, 16383, 16384];

export const value = ({ random }) =>
  random.weighted([
    [5, () => `v${random.below(1000)}`],
    [4, () => String(random.between(-100, 10050))],
    [3, () => random.pick(INTEGERS)],
    [3, () => random.pick(FLOATS)],
    [1, () => random.pick(NOT_INTEGERS)],
    [0.5, () => random.pick(NOT_FLOATS)],
    [0.3, () => random.pick(HUGE_FLOATS)],
    [1, () => ""],
    [2, () => random.bytes(random.between(1, 60))],
    [2, () => fill(random, random.pick(LENGTHS))],
    [0.6, () => fill(random, random.between(200, 5000))],
    [0.15, () => fill(random, random.between(5000, 70000))],
    [0.02, () => fill(random, random.between(100000, 300000))],
  ])();

const OPTION_NAMES = list("EX PX NX XX GT LT GET KEEPTTL REPLACE DB MATCH ASYNC");

/** What is wrong in most places. */
export const garbage = ({ random }) =>
  random.weighted([
    [4, () => random.pick(NOT_INTEGERS)],
    [2, () => random.pick(NOT_FLOATS)],
    [1, () => random.pick(["0", "-1", "-100", I64_MAX, I64_MIN])],
    [2, () => random.pick(OPTION_NAMES)],
    [2, () => random.bytes(random.between(0, 12))],
    [0.5, () => fill(random, random.between(100, 400))],
    [0.1, () => fill(random, random.between(1000, 9000))],
  ])();

/** What names an element: few and short, so that they meet again; now and then any value. */
export const element = (context) => {
  const { random } = context;
  return random.weighted([
    [6, () => `e${random.below(8)}`],
    [4, () => String(random.below(12))],
    [4, () => `element:${random.below(400)}`],
    [1, () => value(context)],
    [0.3, () => ""],
    [0.3, () => "long ".repeat(random.between(1, 500))],
    [0.2, () => "x".repeat(random.between(60, 70))],
  ])();
};
/** Of which many are put at once. */
export const elements = (context) => {
  const { random } = context;
  const from = random.below(500);
  const count = random.weighted([
    [8, () => random.between(1, 5)],
    [1, () => random.between(5, 80)],
    [0.3, () => random.between(80, 600)],
  ])();
  const kind = random.weighted([
    [3, () => () => element(context)],
    [0.5, () => () => `e${random.below(8)}`],
    [1, () => (i) => String(from + i)],
    [1, () => (i) => `element:${from + i}`],
  ])();
  return Array.from({ length: count }, (_, i) => kind(i));
};
export const fieldsAndValues = (context) =>
  elements(context).flatMap((field) => [field, element(context)]);

// --- scores -------------------------------------------------------------------------------------------

/** Not -0: redis prints it as it was given while a sorted set is large, and as 0 while it is small. */
export const score = ({ random }) =>
  random.weighted([
    [6, () => String(random.between(-9, 9))],
    [3, () => String(random.between(-1000, 1000))],
    [4, () => shortFloat({ random }).replace(/^-(0\.0*)$/, "$1")],
    [4, () => random.pick(FLOATS.filter((text) => !/^-0(\.0*)?$/.test(text)))],
    [2, () => random.pick(INFINITIES)],
    [1, () => random.pick(INTEGERS)],
    [0.2, () => random.pick(HUGE_FLOATS)],
    [0.2, () => random.pick(NOT_FLOATS)],
  ])();
export const scoresAndMembers = (context) =>
  elements(context).flatMap((member) => [score(context), member]);
export const zerosAndMembers = (context) => elements(context).flatMap((member) => ["0", member]);

/** [ZADD this key an infinite score] goes ahead. */
export const infinite = ({ random, keys }) => [
  ["ZADD", keys[0] + ":inf", random.pick(["inf", "-inf"]), "m"],
];
export const infiniteKey = ({ keys }) => keys[0] + ":inf";

export const scoreBound = (context) =>
  context.random.pick(["", "", "", "("]) +
  context.random.weighted([
    [6, () => score(context)],
    [2, () => context.random.pick(["-inf", "+inf"])],
    [0.5, () => context.random.pick(list("1e999 -1e999 1e-999 1x nan ( (("))],
  ])();
export const nameBound = (context) =>
  context.random.weighted([
    [6, () => context.random.pick(["[", "("]) + element(context)],
    [3, () => context.random.pick(["-", "+"])],
    [0.5, () => context.random.pick(["", "e1", "-x", "+\0", "[", "(", "++"])],
  ])();
/** A timeout, at which nothing waits in the end. */
const TIMEOUTS = list(`
  0 0 0 1 0.5 1e-400 5. 0x1p3 -0 -0.001 -0.0009 -1e-400 9223372036854775 9223372036854775.807
`);
const BAD_TIMEOUTS = list(`
  -1 -0.002 -0.00100001 -0.0010000000000000000001 1e400 inf -inf 9223372036854775.808
  9223372036854776
`);
export const timeout = mostly(oneOf(...TIMEOUTS), oneOf(...BAD_TIMEOUTS, ...NOT_FLOATS), 0.2);

/** Keys with their number in front; now and then with another. */
const counted = (generator) => (context) => {
  const { random } = context;
  const keys = repeat(1, 3, generator)(context);
  const off = random.weighted([
    [30, 0],
    [1, 1],
    [1, -1],
  ]);
  const count = String(keys.length + off);
  return [random.chance(0.03) ? garbage(context) : count, ...keys];
};
export const countedLists = counted(listKey);
export const countedSorted = counted(sortedKey);
export const countedSets = counted(setKey);

// --- set algebra --------------------------------------------------------------------------------------

/** What sorted sets are made of. */
const source = mostly(sortedKey, setKey, 0.25);
export const countedSources = counted(source);

const weight = (context) =>
  context.random.weighted([
    [6, () => String(context.random.between(0, 5))],
    [3, () => score(context)],
    [1, () => context.random.pick(["inf", "-inf", "0", "-1"])],
  ])();
// -5 times 0 is -0: redis stores that as 0 only while the sorted set is small.
const weightToStore = (context) =>
  context.random.pick(["1", "2", "3", "0.5", "2.5", "1e10", "inf", "1", "2", "x"]);
const AGGREGATES = ["SUM", "MIN", "MAX"];

/** Sources, then a weight for each and how they are added up; now and then a weight too few. */
const weighed = (weight) => {
  const generate = (context) => {
    const { random } = context;
    const [count, ...keys] = countedSources(context);
    const options = [];
    if (random.chance(0.4)) {
      const weights = keys.slice(random.chance(0.05) ? 1 : 0).map(() => weight(context));
      options.push(() => [named(context, "WEIGHTS"), ...weights]);
    }
    if (random.chance(0.4)) {
      const how = random.chance(0.04) ? garbage : () => named(context, random.pick(AGGREGATES));
      options.push(() => [named(context, "AGGREGATE"), how(context)]);
    }
    if (random.chance(0.3)) options.reverse();
    return [count, ...keys, ...options.flatMap((make) => make())];
  };
  return Object.assign(generate, { options: ["WEIGHTS", "AGGREGATE", ...AGGREGATES] });
};
export const weighedSources = weighed(weight);
export const weighedSourcesToStore = weighed(weightToStore);

/** Bounds of a range of ranks, scores or names, behind its key, and the words that say of which. */
export const rangeToStore = (context) => {
  const { random } = context;
  const [kind, from, bound] = random.weighted([
    [2, [null, sortedKey, index]],
    [2, ["BYSCORE", sortedKey, scoreBound]],
    [2, ["BYLEX", flatKey, nameBound]],
  ]);
  const words = [from, bound, bound].map((generate) => generate(context));
  if (kind) words.push(named(context, kind));
  if (random.chance(0.3)) words.push(named(context, "REV"));
  if (random.chance(kind ? 0.3 : 0.05))
    words.push(named(context, "LIMIT"), index(context), index(context));
  return words;
};
rangeToStore.options = ["BYSCORE", "BYLEX", "REV", "LIMIT"];

// --- sorting ------------------------------------------------------------------------------------------
//
// Redis says nothing of the order of what weighs the same, but where it is told apart by its text: that
// is, unless it is sorted ALPHA BY something. Then it is in its order if all of a list is sorted; else
// no two of what is sorted here weigh the same.

const NUMBERS = [
  ...list("0 1 2 3 3 3.0 30 -1 -5 1.5 1e3 0x10 .5 -0.25 inf -inf 100000000000000000000 7 8 9"),
  ...["", " 4"],
];
const WORDS = [...list("a A b B aa ab e0 e1 e2 10 9 \xe9 _ word words"), "", "two words"];
const UNEQUAL = list("a A b B aa ab e0 e1 e2 10 9 x y z 5 6 7 8");

/** No sorting, weights some of which are the same or absent, and weights that differ. */
const BY_NONE = ["nosort", "", "w:", "#"];
const BY_SOME = [
  "w:*",
  "w:h:*->f",
  "*",
  "w:h:*",
  "w:*->f",
  "w:h:*->",
  "nosuch:*",
  "w:*x*",
  "w:*\0*",
];
const BY_EACH = ["v:*", "v:h:*->f->g"];

/** Of what SORT is to sort, the commands that make it, and weights. */
const sortable = (random, type, texts) => {
  const count = random.weighted([
    [8, random.between(0, 12)],
    [1, random.between(20, 70)],
  ]);
  const key = `sort:${type}`;
  const items = Array.from({ length: count }, () => random.pick(texts));
  const put = { list: "RPUSH", set: "SADD", zset: "ZADD" }[type];
  const args = items.flatMap((item) =>
    type === "zset" ? [String(random.below(5)), item] : [item],
  );
  const weights = [...new Set(items)];
  const some = weights.filter(() => random.chance(0.7));
  const number = () => random.pick(["1", "2", "3", "-4", "2.5", "10", ""]);
  return [
    // Redis takes any number for one out of range if one was before, and nothing has been read since.
    ["INCRBYFLOAT", "sort:none", "x"],
    ["DEL", key],
    ...(count ? [[put, key, ...args]] : []),
    ...some.map((item) => ["SET", `w:${item}`, number()]),
    ...some.map((item) => ["HSET", `w:h:${item}`, "f", number()]),
    ...weights.map((item, i) => ["SET", `v:${item}`, `${(i * 7) % 100}.${i}`]),
    ...weights.map((item, i) => ["HSET", `v:h:${item}`, "f->g", `${(i * 3) % 100}.${i}`]),
  ];
};

/** Of a key of that type, what SORT is given. What goes ahead is left in the context. */
const sorting =
  (...types) =>
  (context) => {
    const { random } = context;
    const type = random.pick(types);
    const alpha = random.chance(0.5);
    const limited = random.chance(0.4);
    const stores = context.stores && random.chance(0.5);
    const isSettled = !alpha || (type === "list" && !limited);
    const by = random.weighted([
      [5, null],
      [type === "set" && !stores ? 0 : 2, BY_NONE],
      [isSettled ? 3 : 0, BY_SOME],
      [2, BY_EACH],
    ]);
    const texts = by === BY_EACH ? UNEQUAL : random.pick(alpha ? [NUMBERS, WORDS] : [NUMBERS]);
    context.ahead = sortable(random, type, !alpha && random.chance(0.05) ? WORDS : texts);
    const parts = [];
    if (alpha) parts.push([named(context, "ALPHA")]);
    if (by) parts.push([named(context, "BY"), random.pick(by)]);
    if (limited) parts.push([named(context, "LIMIT"), index(context), index(context)]);
    if (random.chance(0.4)) parts.push([named(context, random.pick(["ASC", "DESC", "DESC"]))]);
    while (random.chance(0.3))
      parts.push([
        named(context, "GET"),
        random.pick(["#", "#", ...BY_SOME, ...BY_EACH, "nosort"]),
      ]);
    if (stores) parts.push([named(context, "STORE"), random.pick([`sort:${type}`, "sort:made"])]);
    return [`sort:${type}`, ...random.shuffle(parts).flat()];
  };
const withOptions = (generate, ...more) =>
  Object.assign(generate, { options: ["ALPHA", "BY", "LIMIT", "ASC", "DESC", "GET", ...more] });
const storing = (generate) => (context) => generate(Object.assign(context, { stores: true }));
const notStoring = (generate) => (context) => generate(Object.assign(context, { stores: false }));
export const sortingAny = withOptions(storing(sorting("list", "set", "zset")), "STORE");
export const sortingAnyToRead = withOptions(notStoring(sorting("list", "set", "zset")));
export const sortingList = storing(sorting("list"));

// --- RESTORE --------------------------------------------------------------------------------------

const NAMES = ["", "7", "-300", "a".repeat(60), "b", "c"];
const ofStrings = (type, strings, count = strings.length) =>
  forms.payload(type, forms.length(count) + strings.map(forms.string).join(""));
const PAYLOADS = [
  forms.payload(0, forms.string("restored")),
  forms.payload(0, forms.integer(-12345, 2)),
  forms.payload(0, forms.compressed("ab".repeat(99))),
  ofStrings(1, NAMES),
  ofStrings(2, NAMES),
  ofStrings(4, NAMES, NAMES.length / 2),
  forms.payload(
    5,
    forms.length(2) +
      `${forms.string("a")}${forms.double(2)}b${forms.double(-1)}`.replace("b", forms.string("b")),
  ),
  forms.payload(10, forms.compressed(forms.ziplist(NAMES))),
  forms.payload(11, forms.string(forms.intset([-70000, 5], 4))),
  forms.payload(16, forms.string(forms.listpack(NAMES))),
  forms.payload(18, forms.length(1) + forms.length(2) + forms.string(forms.listpack(NAMES))),
];
const BAD_PAYLOADS = [
  ...[forms.payload(0, "\x3fabc"), forms.payload(8, ""), ofStrings(1, []), ofStrings(2, NAMES, 9)],
  ...[forms.payload(0, forms.string("v"), 11), `${PAYLOADS[0].slice(0, -1)}?`, "short", ""],
];
export const payload = mostly(oneOf(...PAYLOADS), oneOf(...BAD_PAYLOADS), 0.15);
export const ttl = mostly(oneOf("0", "1000000", "4102444800000"), oneOf("-1", "x"), 0.1);
export const figure = mostly(oneOf("0", "1", "200"), oneOf("-1", "256", "x"), 0.2);

export const ahead = ({ ahead }) => ahead;
/** Whatever there is, as numbers. */
export const anyCollection = (context) =>
  context.random.pick([listKey, setKey, sortedKey, hashKey, key])(context);
export const notOutOfRange = () => [["INCRBYFLOAT", "sort:none", "x"]];

/** The first key of the pool, as a hash or as a set; and what is in it, to be asked ahead. */
export const firstHash = ({ keys }) => `hash:${keys[0]}`;
export const firstSet = ({ keys }) => `set:${keys[0]}`;
export const allFields = (context) => [["HGETALL", firstHash(context)]];
export const allMembers = (context) => [["SMEMBERS", firstSet(context)]];
export const firstSorted = ({ keys }) => `zset:${keys[0]}`;
export const allRanked = (context) => [["ZRANGE", firstSorted(context), "0", "-1"]];
export const allScores = (context) => [["ZRANGE", firstSorted(context), "0", "-1", "WITHSCORES"]];

/** How many are drawn at random: each once, or again and again. Redis would draw any number. */
export const drawOnce = mostly(
  ({ random }) => String(random.between(0, 20)),
  oneOf("1000000", "4611686018427387903", "4611686018427387904", I64_MAX),
);
export const drawAgain = mostly(
  ({ random }) => String(-random.between(1, 20)),
  oneOf("-300", I64_MIN),
);
/** None, or nothing that could be drawn. */
export const drawNone = oneOf("0", "0", "-0", I64_MIN, ...NOT_INTEGERS);

export const rareGarbage = mostly(() => [], garbage);

/** For an INCR or DECR at the end of what there is: [SET this key to an edge] goes ahead. */
export const edgeValue = ({ random, keys }) => [["SET", keys[0], edgeInteger({ random })]];
export const edgeKey = ({ keys }) => keys[0];

// --- places -------------------------------------------------------------------------------------------

export const geoKey = keyOf("geo:");
/** Of a sorted set whose members are all in places of their own. */
export const spreadKey = keyOf("spread:");
/** Of a sorted set whose scores are distances. */
export const distanceKey = ({ random, keys }) => `dist:${random.pick(keys.slice(0, 2))}`;

const CITIES = [
  [13.361389, 38.115556],
  [2.352222, 48.856613],
  [-74.005974, 40.712776],
  [179.99, -16.5],
  [25.719, 71.0957],
  [151.20929, -33.86882],
];
const ODD_PLACES = [
  ...["0 0", "180 85.05112878", "-180 -85.05112878", "-1e-7 1e-7", "0x1p3 -0", "180 10", "-180 10"],
  ...["+1.5 .5", "100 85.05", "90 0", "-90 0"],
].map(list);
const BAD_PLACES = [
  ...["180.0001 0", "0 85.0511288", "-0 100", "200 1e-9", "1e300 -1e300", "inf 0", "1 -inf"],
  ...["12345678901234.56789 1", "66000000000000.0234375 -1.5", "nan 1", "1 nan"],
].map(list);

const aroundCity = ({ random }) => {
  const wide = random.pick([0.001, 0.1, 3, 40]);
  const shift = () => (random.below(2000001) / 1000000 - 1) * wide;
  const [longitude, latitude] = random.pick(CITIES);
  const within = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(6);
  return [within(longitude + shift(), 180), within(latitude + shift(), 85)];
};
const anywhere = ({ random }) => [
  (random.below(360000000) / 1e6 - 180).toFixed(6),
  (random.below(170000000) / 1e6 - 85).toFixed(6),
];
const badPlace = ({ random }) =>
  random.chance(0.7)
    ? random.pick(BAD_PLACES)
    : [random.pick(NOT_FLOATS), random.pick([...FLOATS, ...NOT_FLOATS])];
const spreadPlace = mostly(aroundCity, anywhere, 0.3);
export const place = (context) =>
  context.random.weighted([
    [10, aroundCity],
    [4, ({ random }) => random.pick(CITIES).map(String)],
    [4, anywhere],
    [2, ({ random }) => random.pick(ODD_PLACES)],
    [0.3, badPlace],
  ])(context);

const located = (generator) => (context) =>
  elements(context).flatMap((member) => [...generator(context), member]);
export const placesAndMembers = located((context) =>
  context.random.chance(0.005) ? badPlace(context) : place(context),
);
export const spreadPlacesAndMembers = located(spreadPlace);
/** Now and then two of three words. */
export const oddPlaces = (context) => [...place(context), ...repeat(0, 2, element)(context)];

const anyUnit = ({ random }) => anyCase(random, random.pick(["M", "KM", "FT", "MI"]));
export const unit = mostly(anyUnit, oneOf("", "kms", "yd"), 0.06);
const length = ({ random }) =>
  random.weighted([
    [8, () => String(random.between(1, 3000))],
    [3, () => shortFloat({ random }).replace("-", "")],
    [3, () => String(random.between(3000, 40000000))],
    [1, () => random.pick(["0", "-0", "inf", "1e-320", "1e300", "20037.72637"])],
    [0.4, () => random.pick(["-1", "-0.5", "-inf"])],
    [0.4, () => random.pick(NOT_FLOATS)],
  ])();
const searchUnit = mostly(
  ({ random }) => anyCase(random, random.pick(["KM", "KM", "MI", "M", "FT"])),
  oneOf("", "kms", "yd"),
  0.03,
);

const fromMember = (context) => [named(context, "FROMMEMBER"), element(context)];
const fromPlace = (context) => [named(context, "FROMLONLAT"), ...place(context)];
const byRadius = (context) => [named(context, "BYRADIUS"), length(context), searchUnit(context)];
const byBox = (context) => [
  named(context, "BYBOX"),
  length(context),
  length(context),
  searchUnit(context),
];
/** Where to search, of what shape, and what else, in any order; something may be missing. */
export const search = (choices) => {
  const others = options(choices, 0.7);
  const generate = (context) => {
    const { random } = context;
    const some = (parts, rest) =>
      random.weighted([
        [30, () => [random.pick(parts)]],
        [1, () => parts],
        [1, () => [parts[0], parts[0]]],
        [1, () => [rest]],
      ])();
    const parts = [...some([fromMember, fromPlace], others), ...some([byRadius, byBox], others)];
    parts.splice(random.below(parts.length + 1), 0, others);
    return parts.flatMap((part) => part(context));
  };
  generate.options = ["FROMMEMBER", "FROMLONLAT", "BYRADIUS", "BYBOX", ...others.options];
  return generate;
};
/** How many at least, of those that come first. */
const howMany = mostly(
  ({ random }) => String(random.between(1, 30)),
  oneOf("0", "0", "0", "-1", "-1", "1000000", I64_MAX, ...NOT_INTEGERS),
  0.12,
);
const SHOWN = { WITHDIST: [], WITHHASH: [], WITHCOORD: [] };
const ORDER = { ASC: [], DESC: [] };
// Redis does not say which come first of those that are equally far, unless it takes any.
export const FROM_SPREAD = { ...SHOWN, ...ORDER, COUNT: [howMany], ANY: [] };
export const FROM_ALL = { ...SHOWN, ...ORDER, ANY: [] };
export const FROM_ANY = {
  ...SHOWN,
  ...ORDER,
  COUNT: [(context) => [howMany(context), named(context, "ANY")]],
};

// --- indexes, lengths, counts ------------------------------------------------------------------------

const FAR = [I64_MAX, I64_MIN, "2147483648", "-2147483649", "99999", "-99999"];

export const index = mostly(
  ({ random }) => String(random.between(-30, 60)),
  oneOf(...NOT_INTEGERS, ...FAR),
);

export const offset = ({ random }) =>
  random.weighted([
    [20, () => String(random.between(0, 80))],
    [1, () => String(random.between(1000, 20000))],
    [2, () => random.pick(["-1", "-9", I64_MIN, I64_MAX, "9223372036854775800"])],
    [2, () => random.pick(list("536870912 536870913 1073741824 4294967296 2147483648"))],
    [2, () => random.pick(NOT_INTEGERS)],
  ])();

/** Mostly a number of things from 0 on. */
export const count = mostly(
  ({ random }) => String(random.between(0, 20)),
  oneOf("-1", "1000000", I64_MAX, I64_MIN, ...NOT_INTEGERS),
);

// --- sketches -----------------------------------------------------------------------------------------

const SKETCH_KEYS = ["hll:1", "hll:2", "hll:3", "hll:4"];

/** Mostly a key that holds a HyperLogLog, if it is there. */
export const sketchKey = mostly(oneOf(...SKETCH_KEYS), key, 0.1);

/** A few elements, or so many that a sparse sketch grows long or becomes dense. */
export const sketchElements = ({ random }) => {
  const count = random.weighted([
    [1, 0],
    [12, random.between(1, 5)],
    [3, random.between(20, 200)],
    [1, random.between(700, 1100)],
  ]);
  const most = random.pick([30, 1000, 1000000]);
  if (count <= 5) return Array.from({ length: count }, () => value({ random }));
  return Array.from({ length: count }, () => `e${random.below(most)}`);
};

const REGISTERS = 16384;
const head = (encoding, random) =>
  `HYLL${String.fromCharCode(encoding)}\0\0\0${random.bytes(7)}${random.pick(["\0", "\x80"])}`;
const zeros = (count) =>
  String.fromCharCode(...(count > 64 ? [0x40 | ((count - 1) >> 8)] : []), (count - 1) & 255);
const longZeros = (count) => String.fromCharCode(0x40 | ((count - 1) >> 8), (count - 1) & 255);
const ones = (count, value) => String.fromCharCode(0x80 | ((value - 1) << 2) | (count - 1));

/** Runs that come to so many registers, of any kinds and in ways that Redis would not write. */
function runs(random, registers) {
  const longest = random.pick([2, 8, 70, 500, 9000]);
  const most = random.pick([1, 3, 32]);
  let out = "";
  for (let left = registers; left > 0; ) {
    const count = Math.min(left, random.between(1, longest));
    const short = Math.min(left, random.between(1, 4));
    const [text, used] = random.weighted([
      [3, [zeros(count), count]],
      [1, [longZeros(count), count]],
      [4, [ones(short, random.between(1, most)), short]],
    ]);
    out += text;
    left -= used;
  }
  return out;
}

/** [SET a sketch to what PFADD and PFMERGE would not make, but take]. */
export const oddSketch = ({ random }) => {
  const made = random.weighted([
    [1, () => `HYLL\x01${"\0".repeat(11)}\x7f\xff`],
    [4, () => head(1, random) + runs(random, REGISTERS)],
    [2, () => head(0, random) + random.bytes(12288)],
    [1, () => head(0, random) + String.fromCharCode(random.below(256)).repeat(12288)],
    [1, () => head(0, random) + "\0".repeat(12288)],
  ])();
  return [["SET", random.pick(SKETCH_KEYS), made]];
};

/** A sketch that is none. Over 44 bytes, since Redis makes shorter ones raw before it refuses them. */
export const badSketchKey = () => "hll:bad";
export const badSketch = ({ random }) => {
  const pad = ones(1, 1).repeat(50);
  const bad = random.weighted([
    [2, () => head(1, random) + runs(random, random.below(REGISTERS)) + pad],
    [2, () => head(1, random) + runs(random, REGISTERS) + random.pick([pad, "\0".repeat(30)])],
    [2, () => head(1, random) + random.bytes(random.between(30, 4000)) + pad],
    [1, () => head(1, random) + zeros(REGISTERS).repeat(random.between(20, 300))],
    [1, () => head(0, random) + random.bytes(random.pick([50, 12287, 12289]))],
    [1, () => head(random.between(2, 255), random) + random.bytes(12288)],
    [1, () => `HYLX${head(1, random).slice(4)}${runs(random, REGISTERS)}`],
    [1, () => "HYLL"],
    [1, () => random.bytes(60)],
  ])();
  return [["SET", badSketchKey(), bad]];
};

// --- bits ----------------------------------------------------------------------------------------------

/** A word that is counted as an option is. */
export const named = ({ random, uses }, name) => {
  uses.push(name);
  return anyCase(random, name);
};

const bitOffset =
  (...far) =>
  ({ random }) =>
    random.weighted([
      [20, () => String(random.between(0, 300))],
      [1, () => String(random.between(1000, 200000))],
      [0.7, () => random.pick(["-1", I64_MIN, I64_MAX, "4294967296", "34359738368", "#3", "#"])],
      [0.7, () => random.pick(NOT_INTEGERS)],
      [far.length, () => random.pick(far)],
    ])();

/** The place of a bit that is to be written, which makes the string as long. */
export const bitToWrite = bitOffset();
export const bitToRead = bitOffset("4294967295", "4294967288", "2147483648");

export const bit = mostly(
  oneOf("0", "1"),
  oneOf("2", "-1", I64_MAX, I64_MIN, ...NOT_INTEGERS),
  0.1,
);

const UNITS = ["BYTE", "BIT"];

/** Start, end and unit, or fewer of them. */
export const span = (context) => {
  const { random } = context;
  const edge = random.chance(0.5) ? index : ({ random }) => String(random.between(-500, 500));
  const unit = () => (random.chance(0.92) ? named(context, random.pick(UNITS)) : "BITS");
  const count = random.weighted([
    [2, 0],
    [1, 1],
    [3, 2],
    [8, 3],
  ]);
  return [edge, edge, unit].slice(0, count).map((generate) => generate(context));
};
span.options = UNITS;

/** [SET this key to a run of bytes, with another somewhere] goes ahead. */
export const bitRun = ({ random, keys }) => {
  const run = [...random.pick(["\0", "\xff"]).repeat(random.pick([0, 1, 7, 8, 9, 30, 70, 300]))];
  if (random.chance(0.8)) run.splice(random.below(run.length + 1), 1, random.bytes(1));
  return [["SET", keys[0], run.join("")]];
};
export const firstKey = ({ keys }) => keys[0];
export const secondKey = ({ keys }) => keys[1];

const BIT_OPERATIONS = ["AND", "OR", "XOR", "NOT"];

/** An operation, a destination and sources. */
export const bitOperation = (context) => {
  const { random } = context;
  const name = random.pick(BIT_OPERATIONS);
  const most = name === "NOT" && random.chance(0.8) ? 1 : 5;
  const word = random.chance(0.05) ? garbage(context) : named(context, name);
  return [word, key(context), ...repeat(1, most, key)(context)];
};
bitOperation.options = BIT_OPERATIONS;

const fieldType = ({ random }) =>
  random.weighted([
    [10, () => `${random.pick(["i", "u"])}${random.pick([1, 2, 7, 8, 9, 16, 31, 32, 33, 62, 63])}`],
    [5, () => `${random.pick(["i", "u"])}${random.between(1, 63)}`],
    [3, () => "i64"],
    [0.6, () => random.pick(list("u64 i65 i0 u0 i-1 I8 U8 8 i u i08 u8x x8 i9223372036854775808"))],
    [0.2, () => ""],
  ])();

const fieldPlace = (plain) => (context) => {
  const { random } = context;
  return random.weighted([
    [6, () => plain(context)],
    [6, () => `#${random.between(0, 9)}`],
    [0.2, () => `#${random.between(100, 20000)}`],
    [0.6, () => random.pick(list("# #-1 #x #+1 ##1 #4294967296 #1152921504606846976"))],
    [0.2, () => "#2305843009213693953"], // times 8, beyond 2^64, is 8
  ])();
};
const fieldToRead = fieldPlace(bitToRead);
const fieldToWrite = fieldPlace(bitToWrite);

const fieldValue = ({ random }) =>
  random.weighted([
    [6, () => String(random.between(-300, 300))],
    [4, () => String(2n ** BigInt(random.between(0, 62)) - BigInt(random.below(2)))],
    [4, () => String(-(2n ** BigInt(random.between(0, 62))) - BigInt(random.below(2)))],
    [4, () => random.pick([I64_MAX, I64_MIN, "9223372036854775800", "-9223372036854775800"])],
    [2, () => String(127n - 2n ** 63n + 1n + BigInt(random.between(-1, 1)))],
    [0.5, () => random.pick(NOT_INTEGERS)],
  ])();

const fieldGet = (context) => [named(context, "GET"), fieldType(context), fieldToRead(context)];
const fieldWrite = (context) => [
  named(context, context.random.pick(["SET", "INCRBY", "INCRBY"])),
  fieldType(context),
  fieldToWrite(context),
  fieldValue(context),
];
const OVERFLOWS = ["WRAP", "SAT", "FAIL"];
const overflow = (context) => [
  named(context, "OVERFLOW"),
  context.random.chance(0.96) ? named(context, context.random.pick(OVERFLOWS)) : garbage(context),
];

/** What BITFIELD is to do; now and then one thing again and again, for a reply of any length. */
const fieldOperations = (...choices) => {
  const one = (context) => context.random.weighted(choices)(context);
  const few = repeat(0, 5, one);
  return mostly(
    few,
    (context) => Array(context.random.between(100, 300)).fill(one(context)).flat(),
    0.01,
  );
};
export const fieldReads = fieldOperations([4, fieldGet], [1, overflow]);
fieldReads.options = ["GET", "OVERFLOW", ...OVERFLOWS];
export const fieldWrites = fieldOperations([3, fieldGet], [5, fieldWrite], [2, overflow]);
fieldWrites.options = ["GET", "SET", "INCRBY", "OVERFLOW", ...OVERFLOWS];

// --- subsequences --------------------------------------------------------------------------------------

/** Two texts that have much in common. */
export const relatives = (random, most) => {
  const alphabet = random.pick(["ab", "abcd", "the quick brown fox ", "\0\x80\xff"]);
  const letters = (count) => Array.from({ length: count }, () => random.pick([...alphabet]));
  const text = letters(random.between(0, most));
  const other = text.slice();
  for (let changes = random.below(1 + other.length / 2); changes > 0; changes--)
    other.splice(random.below(other.length + 1), random.below(4), ...letters(random.below(4)));
  const pair = [text.join(""), random.chance(0.1) ? letters(40).join("") : other.join("")];
  return random.chance(0.5) ? pair : pair.reverse();
};

/** [SET two keys to such texts] goes ahead. */
export const related = ({ random, keys }) =>
  relatives(random, random.pick([8, 30, 100, 300])).map((text, i) => ["SET", keys[i], text]);

/** Too much for redis. */
export const vast = ({ keys }) => [0, 1].map((i) => ["SETRANGE", keys[i], "20000", "x"]);

export const subsequenceOptions = options(
  {
    LEN: [],
    IDX: [],
    WITHMATCHLEN: [],
    MINMATCHLEN: [mostly(oneOf("0", "1", "2", "3", "4"), count)],
  },
  0.9,
);

// --- times -------------------------------------------------------------------------------------------

const PAST_S = list("0 -1 -100 -9223372036854775");
// Too far to be counted in milliseconds, and the farthest that are not.
const OVERFLOWING_S = list(
  `${I64_MAX} ${I64_MIN} 9223372036854775 9223372036854776 -9223372036854776`,
);
const FARTHEST_S = list("9223370000000000 9000000000000 100000000000");
const OVERFLOWING_MS = list(`${I64_MAX} 9223372036854775800`);
const FARTHEST_MS = list("9223370000000000000 9000000000000000 100000000000000");

const time =
  (future, past, overflowing, farthest) =>
  ({ random }) =>
    random.weighted([
      [12, () => future(random)],
      [1.5, () => random.pick(past)],
      [1, () => random.pick(overflowing)],
      // Not the same twice: GT and LT would then depend on the clock's last digits.
      [0.7, () => random.pick(farthest).replace(/0{4}$/, () => random.between(1000, 9999))],
      [1, () => random.pick(NOT_INTEGERS)],
    ])();

export const seconds = time(
  (random) => String(random.between(100, 1000000)),
  PAST_S,
  OVERFLOWING_S,
  FARTHEST_S,
);
export const milliseconds = time(
  (random) => String(random.between(100000, 1000000000)),
  [...PAST_S, I64_MIN],
  OVERFLOWING_MS,
  FARTHEST_MS,
);
export const unixSeconds = time(
  (random) => String(FUTURE_S + random.below(FUTURE_SPAN_S)),
  [...PAST_S, "1", "1000000000"],
  OVERFLOWING_S,
  FARTHEST_S,
);
export const unixMilliseconds = time(
  (random) => String((FUTURE_S + random.below(FUTURE_SPAN_S)) * 1000 + random.below(1000)),
  [...PAST_S, I64_MIN, "1", "1000000000000"],
  OVERFLOWING_MS,
  FARTHEST_MS,
);

// --- searching -----------------------------------------------------------------------------------------

const PATTERNS = [
  ...list(`
    * ** ? ?? *:* key:* key:? key:[0-9] key:[^0-4] key:[4-0]* KEY:* long:*[0-9] [a-c]* [^a]* [ [] [^]
    [a [^a [a- [a-]* []a]* [\\]]* h[[]e]llo h\\[e\\]llo h\\*llo h\\?llo h*llo \\ *\\ \\\\* back\\\\slash
    back\\slash *a*b* a*b*c \\k\\e\\y* *[0-9]* [\\a-c]b [a-\\c]* [^\\^]* ?*? [k-]*
  `),
  ...["", "*\0*", "*\xff*", "[\x80-\xff]*"],
];

/** A fixed pattern, or a key of the pool with some of its characters made wild. */
export const pattern = ({ random, keys }) => {
  if (random.chance(0.6)) return random.pick(PATTERNS);
  const wild = (c) =>
    random.weighted([
      [10, c],
      [1, "?"],
      [0.5, "*"],
      [1, `\\${c}`],
      [1, `[${c}]`],
      [0.5, `[^${c}]`],
      [0.5, `[${c}-z]`],
    ]);
  const out = [...random.pick(keys).slice(0, 40)].map(wild).join("");
  return out.replace(/\*[^*]*\*[^*]*\*.*\*/, "*"); // few stars: matching is exponential in them
};

const itemPattern = mostly(oneOf("*", "e*", "e[0-3]", "*1*", "element:?", "[^e]*"), pattern, 0.3);

/** A key's type as TYPE names it, or no type at all. */
const typeName = ({ random }) =>
  anyCase(random, random.pick(["string", "string", "string", "list", "hash", "nosuch", ""]));

export const scanOptions = options({ MATCH: [pattern], COUNT: [count], TYPE: [typeName] }, 0.8);

/** Of what a key holds, which is of one type. */
export const itemScanOptions = (context) =>
  context.random.chance(0.05) ? ["TYPE", "hash"] : namedItemOptions(context);
const namedItemOptions = options({ MATCH: [itemPattern], COUNT: [count] }, 0.8);
itemScanOptions.options = namedItemOptions.options;

export const cursor = oneOf(
  ...list("abc -1 +1 17 0x0 18446744073709551615 18446744073709551616 4294967296 1.5 00"),
  ...["", "1 ", " 1"],
);

// --- the server's own --------------------------------------------------------------------------------

const UNKNOWN_WORDS = [
  "nosuch",
  "gett",
  "",
  "get ",
  "S\0T",
  "S\r\nT",
  "%s%n",
  "'",
  "\xff\xfe",
  "*",
];

/** A name that no command, subcommand or setting of any Redis has. */
export const unknownWord = ({ random }) =>
  random.weighted([
    [6, () => random.pick(UNKNOWN_WORDS)],
    [1, () => "n".repeat(random.between(100, 140))],
    [1, () => `?${random.bytes(random.between(0, 150))}`],
    [0.2, () => "long".repeat(random.between(100, 2000))],
  ])();

const SETTINGS = {
  maxmemory: {
    good: [...list("32mb 33554432 64mb 64MB 65536kb 67108864 40000k 64m 0 048mb"), ""],
    bad: [...list("-1 abc 1.5gb 64xb mb -32mb 0x4000000"), " 64mb", "64mb ", "32m b"],
  },
  "maxmemory-policy": {
    good: list(`
      volatile-lru volatile-lfu volatile-random volatile-ttl allkeys-lru allkeys-lfu allkeys-random
      noeviction AllKeys-LRU
    `),
    bad: ["", "lru", "allkeys", "noeviction ", "allkeys-ttl", "0"],
  },
  "maxmemory-samples": {
    good: list("1 5 10 64 2147483647"),
    bad: [...list("0 -1 x 5.5 05 2147483648 9223372036854775808 1kb"), ""],
  },
};

/** A setting and a value for it, sometimes a wrong one. */
export const setting = ({ random }) => {
  const name = random.pick(Object.keys(SETTINGS));
  if (random.chance(0.06)) return [unknownWord({ random }), "1"];
  const { good, bad } = SETTINGS[name];
  return [anyCase(random, name), random.pick(random.chance(0.75) ? good : bad)];
};

export const settingPattern = oneOf(
  ...list("maxmemory maxmemory-policy maxmemory-samples MAXMEMORY maxmemory* * nosuch"),
  ...["maxmemory-[ps]*", "max?emory", "*-policy", "", "maxm*-samples"],
);

const INFO_SECTIONS = list(`
  server clients memory memory persistence stats stats replication cpu keyspace keyspace all
  everything default cluster nosuch
`);
export const infoSection = ({ random }) => anyCase(random, random.pick(INFO_SECTIONS));

const COMMAND_NAMES = list(`
  sort sort_ro sunion sinter sdiff sunionstore sinterstore sdiffstore sintercard
  zunion zinter zdiff zunionstore zinterstore zdiffstore zintercard zrangestore
  get set mget mset del object config memory command info ping incrbyfloat expire copy scan keys
  flushall setrange dbsize getex randomkey substr echo getdel unlink rename pttl nosuch get|nosuch
  pfadd pfcount pfmerge
  setbit getbit bitcount bitpos bitop bitfield bitfield_ro lcs
  geoadd geopos geodist geohash geosearch geosearchstore
  hincrbyfloat hrandfield hscan srandmember sscan lpos lmpop blpop brpop blmove brpoplpush blmpop
`);
/** Commands there are on both sides, and some there are on neither. */
export const commandName = ({ random }) => anyCase(random, random.pick([...COMMAND_NAMES, ""]));

const SINGLE_LOOKUPS = list(`
  GET STRLEN EXISTS TTL PTTL EXPIRETIME TYPE TOUCH PERSIST INCR DEL GETDEL GETEX MGET UNLINK
  PFADD PFCOUNT PFMERGE
`);

/** Clean statistics, then some commands that count as hits or misses, or do not. */
export const lookups = (context) => {
  const { random, keys } = context;
  const oneKey = () => key(context);
  const lookup = () =>
    random.weighted([
      [6, () => [random.pick(SINGLE_LOOKUPS), oneKey()]],
      [3, () => [random.pick(["MGET", "EXISTS", "TOUCH", "DEL"]), oneKey(), oneKey(), oneKey()]],
      [1, () => ["OBJECT", random.pick(["ENCODING", "REFCOUNT"]), oneKey()]],
      [1, () => ["MEMORY", "USAGE", oneKey()]],
      [1, () => [random.pick(["GETRANGE", "SUBSTR"]), oneKey(), "0", "5"]],
      [1, () => [random.pick(["PFCOUNT", "PFMERGE"]), "hll:1", "hll:2", oneKey()]],
      [2, () => [random.pick(["SET", "SETNX", "GETSET", "APPEND", "MSET"]), oneKey(), "5"]],
      [2, () => ["SET", oneKey(), "6", random.pick(["GET", "NX", "XX"])]],
      [2, () => ["EXPIRE", oneKey(), "1000", random.pick(["NX", "XX"])]],
      [2, () => [random.pick(["COPY", "RENAME", "RENAMENX"]), oneKey(), oneKey()]],
      [1, () => ["INCRBYFLOAT", oneKey(), "1"]],
      [1, () => ["SETRANGE", oneKey(), "1", random.pick(["", "x"])]],
      [1, () => [random.pick(["GETBIT", "BITPOS"]), oneKey(), "1"]],
      [1, () => ["BITCOUNT", oneKey()]],
      [1, () => ["SETBIT", oneKey(), "7", "1"]],
      [2, () => [random.pick(["LPOS", "HSCAN", "SSCAN"]), oneKey(), "0"]],
      [1, () => [random.pick(["HRANDFIELD", "SRANDMEMBER"]), oneKey(), "0"]],
      [1, () => [random.pick(["GEOPOS", "GEOHASH", "GEOADD"]), oneKey(), "1", "2", "3"]],
      [1, () => ["GEODIST", oneKey(), "1", "2"]],
      [1, () => ["GEOSEARCH", oneKey(), ...list("FROMLONLAT 1 2 BYRADIUS 3 km")]],
      [1, () => ["GEOSEARCHSTORE", oneKey(), oneKey(), ...list("FROMLONLAT 1 2 BYBOX 3 4 km")]],
      [1, () => ["LMPOP", "2", oneKey(), oneKey(), "LEFT"]],
      [1, () => ["HINCRBYFLOAT", oneKey(), "f", "1"]],
      [1, () => ["BITFIELD", oneKey(), ...random.pick([[], ["SET", "u1", "0", "1"]])]],
      [1, () => ["BITFIELD_RO", oneKey(), "GET", "u1", "0"]],
      [2, () => ["BITOP", random.pick(["OR", "AND"]), oneKey(), oneKey(), oneKey()]],
      [2, () => ["LCS", oneKey(), oneKey(), random.pick(["LEN", "NOSUCH"])]],
      [1, () => ["SET", oneKey(), "gone", "PXAT", "1"]],
      [
        1,
        () => [
          "SORT",
          random.pick(["list:", "zset:"]) + keys[0],
          "BY",
          "*",
          "GET",
          "e*",
          "GET",
          "#",
        ],
      ],
      [2, () => [random.pick(["SUNION", "SINTER", "SDIFF"]), `set:${keys[0]}`, oneKey(), oneKey()]],
      [
        1,
        () => [random.pick(["SUNIONSTORE", "SINTERSTORE"]), oneKey(), `set:${keys[0]}`, oneKey()],
      ],
      [1, () => [random.pick(["ZUNION", "ZINTER", "ZDIFF"]), "2", `zset:${keys[0]}`, oneKey()]],
      [1, () => ["ZUNIONSTORE", oneKey(), "2", `zset:${keys[0]}`, oneKey()]],
      [1, () => [random.pick(["SINTERCARD", "ZINTERCARD"]), "2", `set:${keys[0]}`, oneKey()]],
      [1, () => ["ZRANGESTORE", oneKey(), `zset:${keys[0]}`, "0", "-1"]],
    ])();
  return [["CONFIG", "RESETSTAT"], ...Array.from({ length: random.between(1, 3) }, lookup)];
};
