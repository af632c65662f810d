// Upstash's REST interface as it is documented, in front of a real Redis: commands as JSON, replies as JSON, strings
// in base64 if asked. It stands for the service that the client was made for, which the tests cannot ask.

import { once } from "node:events";
import { createServer } from "node:http";
import { Redis } from "ioredis";

const TOKEN = "secret";

/** -> { url, token, close() } */
export async function startRest(port) {
  const redis = new Redis(port);
  const run = (commands) => {
    const queued = redis.multi();
    for (const [name, ...words] of commands) queued.call(name, ...words);
    return queued.exec().then((replies) => replies.map(([error, reply]) => ({ error, reply })));
  };
  const answer = async (path, body) => {
    if (path === "/") return redis.call(...body).then(shown, (error) => ({ error: error.message }));
    if (path === "/multi-exec")
      return (await run(body)).map(({ error, reply }) => shown(reply, error));
    const replies = await Promise.allSettled(body.map((words) => redis.call(...words)));
    return replies.map(({ value, reason }) => shown(value, reason));
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      return response.writeHead(401).end("{}");
    const encode = request.headers["upstash-encoding"] === "base64";
    const reply = await answer(request.url, JSON.parse(text));
    response.writeHead(reply.error ? 400 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(reply, (name, value) => (encode ? encoded(name, value) : value)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    token: TOKEN,
    close() {
      server.closeAllConnections();
      server.close();
      redis.disconnect();
    },
  };
}

const shown = (reply, error) => (error ? { error: error.message } : { result: reply });

function encoded(name, value) {
  if (typeof value !== "string" || name === "error" || value === "OK") return value;
  return Buffer.from(value).toString("base64");
}
