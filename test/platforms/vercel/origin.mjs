// An origin on loopback, and what a client sees of a function that is in front of it.
import { once } from "node:events";
import { createServer } from "node:http";

/** -> { url, asked: how often it was }, until the test is over. It has everything but "missing". */
export async function startOrigin(t) {
  const origin = { asked: 0 };
  const server = createServer((request, response) => {
    origin.asked++;
    response.statusCode = request.url === "/missing" ? 404 : 200;
    response.end(`${request.url}, asked ${origin.asked}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  origin.url = `http://127.0.0.1:${server.address().port}`;
  return origin;
}

export async function get(url) {
  const response = await fetch(url);
  const cache = response.headers.get("X-Cache");
  return { status: response.status, cache, body: await response.text() };
}
