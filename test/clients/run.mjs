// Runs every *.test.mjs beside it against a real redis-server, where all must pass for a test to be
// right, and against the server of the package.
//
//   node test/clients/run.mjs [redis] [ferrite]

import { runFolder } from "../folder.mjs";
import { startServer } from "../servers.mjs";

// One file after the other: each has the server for itself.
const OPTIONS = { concurrency: 1, timeout: 120_000 };

const names = process.argv.length > 2 ? process.argv.slice(2) : ["redis", "ferrite"];
const total = { passed: 0, failed: 0 };
for (const name of names) {
  const server = await startServer(name);
  process.env.SERVER_PORT = server.port;
  const { passed, failed } = await runFolder(`against ${name}`, import.meta.url, OPTIONS);
  await server.stop();
  if (failed) console.log(server.log());
  total.passed += passed;
  total.failed += failed;
}
console.log(`clients: ${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
