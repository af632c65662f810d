// A page that keeps what it has fetched for a minute, in a cache that all its tabs share.

const worker = new SharedWorker(new URL("./shared.js", import.meta.url), { type: "module" });
const waiting = new Map();
let asked = 0;

/** A command to the cache -> a promise of its reply. */
function call(...words) {
  worker.port.postMessage({ id: ++asked, words });
  return new Promise((resolve, reject) => waiting.set(asked, { resolve, reject }));
}

worker.port.onmessage = ({ data: { id, reply, error } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error) reject(new Error(error));
  else resolve(reply);
};

async function fetchText(url) {
  const cached = await call("GET", url);
  if (cached !== null) return { body: cached, cache: "HIT" };
  const response = await fetch(url);
  const body = await response.text();
  if (response.ok) await call("SET", url, body, "EX", 60);
  return { body, cache: "MISS" };
}

document.querySelector("#ask").onclick = async () => {
  const show = ({ body, cache }) => `${cache}: ${body}`;
  document.querySelector("#answer").value = await fetchText("answer.txt").then(show, String);
};
