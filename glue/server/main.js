#!/usr/bin/env node
/*
 * The program: "ferrite-edge serve", "ferrite-edge size".
 */
import { FerriteError } from "../error.js";
import { initFerrite } from "../platform/node.js";
import { HELP as SERVE_HELP, readOptions } from "./options.js";
import { HELP as SIZE_HELP, size } from "../size/size.js";
import { Server } from "./server.js";

async function serve(words) {
  const options = readOptions(words);
  const cache = await initFerrite({
    maxMemory: options.maxmemory,
    evictionPolicy: options.policy,
    now: Date.now,
  });
  const server = new Server(cache, options);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.shutDown());
  await server.listen();
  server.log(`ready: ${server.places.join(", ")}; ${options.maxmemory}, ${options.policy}`);
  if (server.metricsUrl) server.log(`metrics: ${server.metricsUrl}`);
}

function measure(words) {
  for (const sentence of size(words, console.log)) fail(sentence);
}

function fail(sentence) {
  process.stderr.write(`ferrite-edge: ${sentence}\n`);
  process.exitCode = 1;
}

// Options of the cache are called otherwise here.
function inOurWords(message) {
  return message.replace(/^maxMemory\b/, "--maxmemory").replace(/^evictionPolicy\b/, "--policy");
}

const VERBS = {
  serve: { help: SERVE_HELP, run: serve },
  size: { help: SIZE_HELP, run: measure },
};

const [verb, ...words] = process.argv.slice(2);
const known = Object.hasOwn(VERBS, verb ?? "") ? VERBS[verb] : undefined;
if (!known || words.includes("--help")) {
  const isAsked = [verb, ...words].includes("--help") || verb === "help";
  const help = known ? known.help : `${SERVE_HELP}\n${SIZE_HELP}`;
  (isAsked ? process.stdout : process.stderr).write(help);
  process.exitCode = isAsked ? 0 : 2;
} else {
  try {
    await known.run(words);
  } catch (error) {
    if (!(error instanceof FerriteError) && !error.syscall) throw error;
    fail(inOurWords(error.message));
  }
}
