// Runs every *.test.mjs beside it against a real redis-server, where all must pass for a test to be
// right, against the server of the package, and, but for those of programs, over the adapters for
// clients in the cache's own process.
//
//   node test/clients/run.mjs [redis] [ferrite] [in-process]

import { runFolder } from "../folder.mjs";
import { startServer } from "../servers.mjs";

// One file after the other: each has the server for itself.
const OPTIONS = { concurrency: 1, timeout: 120_000 };

const IN_PROCESS = { port: "", log: () => "", stop: () => {} };
const ALL = ["redis", "ferrite", "in-process"];

const names = process.argv.length > 2 ? process.argv.slice(2) : ALL;
const total = { passed: 0, failed: 0 };
for (const name of names) {
  const server = name === "in-process" ? IN_PROCESS : await startServer(name);
  process.env.SERVER_PORT = server.port;
  const options = { ...OPTIONS, isWanted: (file) => server.port || !file.startsWith("redis-") };
  const { passed, failed } = await runFolder(`against ${name}`, import.meta.url, options);
  await server.stop();
  if (failed) console.log(server.log());
  total.passed += passed;
  total.failed += failed;
}
console.log(`clients: ${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
