// Servers, ours and Redis's, each in a process of its own, and clients that send any bytes.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export { sleep };

export const PROGRAM = fileURLToPath(new URL("../../glue/server/main.js", import.meta.url));
const PATIENCE_MS = 20_000; // of a test, on a machine that has much else to do

/** Resolves with what `probe` gives, as soon as that is true. */
export async function until(probe, what, patienceMs = PATIENCE_MS) {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${patienceMs} ms`);
    await sleep(2);
  }
}

/** A process that ends with the test; `log` is what it has printed. */
export class Program {
  log = "";
  code = null; // or what it ended with

  constructor(t, program, args) {
    this.child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout.on("data", (chunk) => (this.log += chunk));
    this.child.stderr.on("data", (chunk) => (this.log += chunk));
    this.ended = new Promise((resolve) =>
      this.child.on("close", (code, signal) => resolve((this.code = signal ?? code))),
    );
    t.after(async () => {
      this.child.kill("SIGKILL");
      await this.ended;
    });
  }
}

/** Our server, at a free port unless the arguments say where; `at` is where to connect to. */
export async function startServer(t, ...args) {
  const serve = args.includes("--port") ? args : ["--port", "0", ...args];
  const program = new Program(t, process.execPath, [PROGRAM, "serve", ...serve]);
  program.ended.then((code) => code !== 0 && code !== "SIGKILL" && console.log(program.log));
  await until(() => program.log.includes("ready") || program.code !== null, "our server is ready");
  const port = / -p (\d+)/.exec(program.log)?.[1];
  const path = / -s ([^;,\s]+)/.exec(program.log)?.[1];
  program.at = port ? { host: "127.0.0.1", port: Number(port) } : { path };
  return program;
}

/** redis-server, with one database, as ours. */
export async function startRedis(t, ...args) {
  const folder = mkdtempSync(join(tmpdir(), "ferrite-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "redis");
  const fixed = ["--port", "0", "--unixsocket", path, "--save", "", "--databases", "1"];
  const more = ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"];
  const debug = ["--enable-debug-command", "yes", "--loglevel", "warning"];
  const program = new Program(t, "redis-server", [...fixed, ...more, ...debug, ...args]);
  program.at = { path };
  const probe = await until(
    () => Client.open(t, program.at).catch(() => null),
    "redis-server is ready",
  );
  probe.socket.end();
  await probe.expectClosed();
  return program;
}

/** A client: `text` is what it was sent and nobody has taken yet, a byte a unit. */
export class Client {
  text = "";
  isClosed = false;

  static async open(t, at) {
    const client = new Client();
    client.socket = connect(at);
    client.socket.on("data", (chunk) => (client.text += chunk.latin1Slice()));
    client.socket.on("close", () => (client.isClosed = true));
    t.after(() => client.socket.destroy());
    await new Promise((resolve, reject) =>
      client.socket.on("connect", resolve).on("error", reject),
    );
    client.socket.on("error", () => {});
    return client;
  }

  /** Text in which each unit is a byte. */
  send(text) {
    this.socket.write(Buffer.from(text, "latin1"));
  }

  take() {
    const { text } = this;
    this.text = "";
    return text;
  }

  /** Resolves when exactly `text` has come. */
  async expect(text) {
    await until(() => this.text.length >= text.length, "the reply").catch(() => {});
    const got = this.take();
    if (got === text) return;
    const [wanted, came] = [text, got].map((all) => JSON.stringify(all.slice(0, 1000)));
    throw new Error(`expected ${wanted} (${text.length} bytes), got ${came} (${got.length} bytes)`);
  }

  /** Sends a command as a line, and expects what it is answered. */
  async ask(line, text) {
    this.send(`${line}\r\n`);
    await this.expect(text);
  }

  async expectClosed() {
    await until(() => this.isClosed, "the connection is closed");
  }
}

/** A request as clients send it. */
export function request(...words) {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
