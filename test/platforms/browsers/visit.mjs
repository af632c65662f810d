// A browser, on a folder of files that a server here gives out, under a Content-Security-Policy; the page
// posts what it has to say to /said.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { launchChromium } from "./launch.mjs";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".txt": "text/plain",
  ".wasm": "application/wasm",
};
const LONGEST_MS = 30_000;

/** Gives out a folder, under the policy of each path -> { url, said: a promise of what a page says, close }. */
export async function serveFolder(folder, policyOf, more = {}) {
  let say;
  const said = new Promise((resolve) => (say = resolve));
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      let text = "";
      for await (const piece of request) text += piece;
      response.end();
      return say(text);
    }
    const path = new URL(request.url, "http://localhost").pathname;
    const name = normalize(path.endsWith("/") ? `${path}index.html` : path);
    try {
      const body = await readFile(join(folder, name));
      const headers = {
        "content-type": TYPES[extname(name)],
        "content-security-policy": policyOf(name),
      };
      response.writeHead(200, { ...headers, ...more }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    said,
    close: () => (server.closeAllConnections(), server.close()),
  };
}

/** What the page index.html in the folder says, in a browser that `launch` starts. */
export async function visitFolder(folder, policy, { launch = launchChromium, headers } = {}) {
  const { url, said, close } = await serveFolder(folder, () => policy, headers);
  try {
    return await visit(url, said, launch);
  } finally {
    close();
  }
}

/** Has a browser at the address until `said` comes true. */
export async function visit(url, said, launch = launchChromium) {
  const browser = await launch();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the page said nothing")), LONGEST_MS);
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return await Promise.race([said, late]);
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}
