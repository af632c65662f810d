#!/usr/bin/env node
/*
 * The program: "ferrite-edge serve".
 */
import { FerriteError } from "../error.js";
import { initFerrite } from "../platform/node.js";
import { HELP, readOptions } from "./options.js";
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

// Options of the cache are called otherwise here.
function inOurWords(message) {
  return message.replace(/^maxMemory\b/, "--maxmemory").replace(/^evictionPolicy\b/, "--policy");
}

const [verb, ...words] = process.argv.slice(2);
if (verb !== "serve" || words.includes("--help")) {
  const isAsked = [verb, ...words].includes("--help") || verb === "help";
  (isAsked ? process.stdout : process.stderr).write(HELP);
  process.exitCode = isAsked ? 0 : 2;
} else {
  try {
    await serve(words);
  } catch (error) {
    if (!(error instanceof FerriteError) && !error.syscall) throw error;
    process.stderr.write(`ferrite-edge: ${inOurWords(error.message)}\n`);
    process.exitCode = 1;
  }
}
