/*
 * The playground's server: the files of the package on loopback, under a strict policy.
 *
 *     node serve.mjs [--port 8080]
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = new URL("../../", import.meta.url); // the package
const PAGE = "/examples/playground/";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** What a page with a WebAssembly module in it needs, and nothing more. */
export const POLICY = {
  "default-src": "'none'",
  "script-src": "'self' 'wasm-unsafe-eval'",
  "style-src": "'self'",
  "img-src": "'self'",
  "connect-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
};

/** Listens on loopback; port 0: any. Resolves with { url, close }. */
export async function servePlayground(port, policy = POLICY) {
  const headers = {
    "Content-Security-Policy": Object.entries(policy)
      .map((directive) => directive.join(" "))
      .join("; "),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
  };
  const server = createServer((request, response) => answer(request, response, headers));
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}${PAGE}`,
    close: () => (server.closeAllConnections(), server.close()),
  };
}

async function answer(request, response, headers) {
  const end = (status, more = {}) => response.writeHead(status, { ...headers, ...more }).end();
  if (request.method !== "GET" && request.method !== "HEAD")
    return end(405, { Allow: "GET, HEAD" });
  const { pathname } = new URL(request.url, "http://localhost"); // without any "..", so below ROOT
  if (pathname === "/") return end(302, { Location: PAGE });
  const path = pathname === PAGE ? `${PAGE}index.html` : pathname;
  const type = TYPES[extname(path)];
  if (!type || /%|\/\.|node_modules/.test(path)) return end(404);
  const file = new URL(`.${path}`, ROOT);
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) return end(404);
  response.writeHead(200, { ...headers, "Content-Type": type, "Content-Length": found.size });
  if (request.method === "HEAD") response.end();
  else createReadStream(file).pipe(response);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8080" } } });
  const port = Number(values.port);
  if (!(Number.isInteger(port) && port >= 0 && port < 65536)) {
    console.error(`--port is ${values.port}; allowed: 0 to 65535`);
    process.exit(2);
  }
  try {
    const { url } = await servePlayground(port);
    console.log(`ready: ${url}`);
  } catch (error) {
    console.error(error.code === "EADDRINUSE" ? `port ${port} is taken: --port N` : error.message);
    process.exit(1);
  }
}
