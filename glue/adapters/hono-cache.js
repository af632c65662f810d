/*
 * Middleware for Hono 4: a shared cache of responses, of RFC 9111. What may be stored, and for how long,
 * and whether it answers a request, http-cache-semantics says; here is how it is kept.
 *
 * There is a hash for each URL. Its field "vary" has the names of what of a request the response
 * depended on, and for each variant there are two fields, "head" and "body", which expire when it is
 * stale. So what is there is fresh, and a request that changes the resource removes all of it at once.
 */
import CachePolicy from "http-cache-semantics";
import { Space } from "./space.js";

const SAFE = ["GET", "HEAD", "OPTIONS", "TRACE"];
const NOT_OURS = ["range", "if-range", "if-match", "if-unmodified-since"]; // to answer
const CONDITIONS = ["if-none-match", "if-modified-since"];
const OF_A_BODY = ["type", "length", "encoding", "language", "range"].map(
  (what) => `content-${what}`,
);
const MOST_VARIANTS = 64; // of one URL, before it begins anew: clients choose what there is to vary by

// Only what is said counts: there is no guess from Last-Modified, and none for "immutable".
const SEMANTICS = { shared: true, cacheHeuristic: 0, immutableMinTimeToLive: 0 };

export function cacheResponses(cache, { prefix = "http:" } = {}) {
  new Space(cache, prefix); // checked

  return async function (context, next) {
    const { method, url } = context.req;
    const key = prefix + url;
    if (!SAFE.includes(method)) {
      await next();
      if (context.res.status < 400) cache.unlink(key);
      return;
    }
    const { headers } = context.req.raw;
    const isOurs = method === "GET" || method === "HEAD";
    if (!isOurs || NOT_OURS.some((name) => headers.has(name))) return next();

    const request = { method: "GET", url, headers: fieldsOf(headers) };
    if (headers.has("cache-control")) delete request.headers.pragma;
    const found = find(cache, key, request);
    if (found.head) {
      if (isUnchanged(request, found.head)) return unchanged(found.head);
      const isEmpty = method === "HEAD" || found.head.status === 204;
      return new Response(isEmpty ? null : found.body, found.head);
    }
    if (/\bonly-if-cached\b/.test(request.headers["cache-control"]))
      return new Response(null, {
        status: 504,
        headers: { "cache-status": `ferrite; ${found.why}` },
      });

    // A cache asks for all of it, and answers the conditions of its client by itself.
    if (CONDITIONS.some((name) => headers.has(name))) context.req.raw = whole(context.req.raw);
    await next();
    const stored = method === "GET" && (await store(cache, key, request, context));
    context.header("cache-status", `ferrite; ${found.why}${stored ? "; stored" : ""}`);
    if (isUnchanged(request, context.res)) {
      const response = unchanged(context.res);
      context.res = undefined; // else Hono would add its fields
      context.res = response;
    }
  };
}

/* --- what is stored ------------------------------------------------------------------------------ */

/** { head: { status, headers }, body }, or { why } the request goes on. */
function find(cache, key, request) {
  const vary = cache.hget(key, "vary");
  if (vary === null) return { why: "fwd=uri-miss" };
  const variant = variantOf(vary, request);
  const text = cache.hget(key, `head ${variant}`);
  const body = cache.hgetBytes(key, `body ${variant}`); // time may have passed since the head was there
  if (text === null || body === null) return { why: "fwd=vary-miss" };
  const head = JSON.parse(text);
  const policy = CachePolicy.fromObject(head.policy);
  if (!policy.satisfiesWithoutRevalidation(request)) return { why: "fwd=request" };
  const headers = new Headers(policy.responseHeaders());
  if (vary) headers.set("vary", head.vary);
  headers.set("cache-status", `ferrite; hit; ttl=${Math.floor(policy.maxAge() - policy.age())}`);
  return { head: { status: policy.status(), headers }, body };
}

async function store(cache, key, request, context) {
  const { status } = context.res;
  // Vary is ours, so that no field of the request is kept for it; cookies are for one client.
  const { vary = "", "set-cookie": cookie, ...headers } = fieldsOf(context.res.headers);
  const names = vary
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean)
    .sort();
  const policy = new CachePolicy(request, { status, headers }, SEMANTICS);
  const freshMs = Math.floor((policy.maxAge() - policy.age()) * 1000);
  if (freshMs <= 0 || cookie !== undefined || names.includes("*")) return false;

  const object = policy.toObject();
  delete object.rescc["must-revalidate"]; // when it is stale, when it is gone from here
  const body = new Uint8Array(await context.res.arrayBuffer());
  const { res } = context;
  context.res = undefined;
  context.res = new Response(status === 204 ? null : body, res);

  const variant = variantOf(names.join(), request);
  const fields = [`head ${variant}`, `body ${variant}`];
  try {
    if (cache.hlen(key) > 2 * MOST_VARIANTS) cache.unlink(key);
    const keptMs = Math.max(freshMs, cache.pttl(key));
    const values = [JSON.stringify({ policy: object, vary }), body];
    cache.hset(key, "vary", names.join(), fields[0], values[0], fields[1], values[1]);
    cache.hpexpire(key, freshMs, fields);
    cache.pexpire(key, keptMs);
    return true;
  } catch (error) {
    if (error.code === "OOM") return false; // larger than what there is for all
    throw error;
  }
}

const variantOf = (names, { headers }) =>
  JSON.stringify(names.split(",").map((name) => [name, headers[name] ?? null]));

// Directives may come in any case, which http-cache-semantics does not know.
function fieldsOf(headers) {
  const fields = Object.fromEntries(headers);
  if (fields["cache-control"]) fields["cache-control"] = fields["cache-control"].toLowerCase();
  return fields;
}

/* --- conditions, of RFC 9110 ---------------------------------------------------------------------- */

function isUnchanged(request, { status, headers }) {
  if (status !== 200) return false;
  const [tags, since] = CONDITIONS.map((name) => request.headers[name]);
  if (tags === undefined) return Date.parse(headers.get("last-modified")) <= Date.parse(since);
  if (tags.trim() === "*") return true;
  const tag = headers.get("etag")?.replace(/^W\//, ""); // weak ones count as strong ones here
  return tag !== undefined && (tags.match(/"[^"]*"/g) ?? []).includes(tag);
}

function unchanged({ headers }) {
  const left = new Headers(headers);
  for (const name of OF_A_BODY) left.delete(name);
  if (left.has("etag")) left.delete("last-modified");
  return new Response(null, { status: 304, headers: left });
}

function whole(request) {
  const headers = new Headers(request.headers);
  for (const name of CONDITIONS) headers.delete(name);
  return new Request(request, { headers });
}
