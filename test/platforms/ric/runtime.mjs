// An instance of a function: AWS's Runtime Interface Client, which runs functions on Lambda, and for it, in
// place of Lambda, its Runtime API as AWS documents it.
import { createServer } from "node:http";
import { once } from "node:events";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { freshDirectory, keep } from "../../keeper.mjs";
import { NotRun, needFile } from "../rows.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const CLIENT = here("node_modules/aws-lambda-ric/index.mjs");
// It is for Node.js 22 and later, and was built for this one.
const NODE = here(`../node_modules/node-${process.platform}-${process.arch}/bin/node`);
const API = "/2018-06-01/runtime/";
const LONGEST_MS = 30_000;

/** Starts the function at a path -> { invoke(event) -> what it returns, stop() } */
export async function startFunction(path) {
  needFile(here("node_modules/aws-lambda-ric/rapid-client.node"), "aws-lambda-ric");
  needFile(NODE, "Node.js of npm");
  const api = await serveRuntimeApi();
  const environment = {
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
    AWS_LAMBDA_FUNCTION_NAME: "test",
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/us-east-1.test",
    AWS_LAMBDA_LOG_STREAM_NAME: "test",
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${api.port}`,
    LAMBDA_TASK_ROOT: dirname(path),
    _HANDLER: "index.handler",
  };
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const { log, stop } = keep(freshDirectory(), "env", [...set, NODE, CLIENT]);
  return {
    async invoke(event) {
      let timer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer: ${log()}`)), LONGEST_MS);
      });
      return Promise.race([api.invoke(event), late]).finally(() => clearTimeout(timer));
    },
    async stop() {
      await stop();
      api.close();
    },
  };
}

/** One invocation at a time, as Lambda has it. */
async function serveRuntimeApi() {
  let count = 0;
  let waiting; // the client's request for the next invocation
  let current; // { id, event, resolve, reject }

  function handOver() {
    if (!waiting || !current || current.isOut) return;
    current.isOut = true;
    waiting.writeHead(200, {
      "Content-Type": "application/json",
      "Lambda-Runtime-Aws-Request-Id": current.id,
      "Lambda-Runtime-Deadline-Ms": Date.now() + LONGEST_MS,
      "Lambda-Runtime-Invoked-Function-Arn":
        "arn:aws:lambda:us-east-1:123456789012:function:test:1",
      "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
    });
    waiting.end(JSON.stringify(current.event));
    waiting = undefined;
  }

  const server = createServer(async (request, response) => {
    if (!request.url.startsWith(API)) return response.writeHead(404).end();
    const [what, id, how] = request.url.slice(API.length).split("/");
    if (id === "next") {
      waiting = response;
      return handOver();
    }
    let body = "";
    for await (const piece of request) body += piece;
    response.writeHead(202, { "Content-Type": "application/json" }).end('{"status":"OK"}');
    if (what === "invocation" && id === current.id && how === "response")
      current.resolve(JSON.parse(body));
    else current.reject(new Error(`${request.url}: ${body}`));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    close: () => (server.closeAllConnections(), server.close()),
    invoke: (event) =>
      new Promise((resolve, reject) => {
        current = { id: `8476a536-e9f4-11e8-9739-2dfe598c${count++}`, event, resolve, reject };
        handOver();
      }),
  };
}
