// One function for three events of a CloudFront distribution: a rate limit, sessions, an experiment and
// pages out of one cache, which stand in for the origin when it fails.

import type {
  CloudFrontRequest,
  CloudFrontRequestEvent,
  CloudFrontResponse,
  CloudFrontResponseEvent,
  CloudFrontResultResponse,
} from "aws-lambda";
import { createFerrite } from "@ferrite/edge";
import module from "@ferrite/edge/ferrite.wasm"; // its bytes: esbuild's loader "binary"

// One cache an instance, for as long as that lives.
const cache = createFerrite(module, { maxMemory: "32mb", evictionPolicy: "allkeys-lru" });

const FRESH_SECONDS = 60;
const KEPT_SECONDS = 86_400; // for when the origin fails
// CloudFront takes 40 KB from a viewer-request event and 1 MB from those of the origin, headers included.
const VIEWER_BYTES = 38_000;
const ORIGIN_BYTES = 980_000;

export async function handler({ Records }: CloudFrontRequestEvent | CloudFrontResponseEvent) {
  const { cf } = Records[0];
  if ("response" in cf) return originResponse(cf.request, cf.response);
  return cf.config.eventType === "viewer-request"
    ? viewerRequest(cf.request)
    : originRequest(cf.request);
}

/** Each request of a visitor, before CloudFront looks whether it has the page itself. */
function viewerRequest(request: CloudFrontRequest) {
  if (isOverLimit(request.clientIp)) return answer("429", "Too Many Requests");
  if (request.uri === "/login") return logIn(request);
  if (request.uri === "/account") return account(request);

  const visitor = cookieOf(request, "visitor") || request.clientIp;
  request.headers["x-variant"] = [{ key: "X-Variant", value: variant("layout", visitor) }];
  return keptPage(request, VIEWER_BYTES) ?? request;
}

/** What CloudFront does not have: fetched here, since no event shows what the origin answers CloudFront. */
async function originRequest(request: CloudFrontRequest) {
  const key = keyOf(request);
  const hit = keptPage(request, ORIGIN_BYTES);
  if (hit || !isCacheable(request) || cache.exists(`pass:${key}`)) return hit ?? request;

  const headers = { "X-Variant": headerOf(request, "x-variant") };
  const response = await fetch(urlOf(request), { headers }).catch(() => null);
  if (!response || response.status >= 500) return keptPage(request, ORIGIN_BYTES, true) ?? request;

  const type = response.headers.get("Content-Type") ?? "";
  const body = await response.text();
  if (!response.ok || !/^text|json/.test(type) || Buffer.byteLength(body) > ORIGIN_BYTES) {
    cache.set(`pass:${key}`, 1, { ex: FRESH_SECONDS }); // CloudFront fetches it, and we do not any more
    return request;
  }
  const page = { type, body, freshUntil: `${Date.now() + FRESH_SECONDS * 1000}` };
  cache.hset(key, page);
  cache.expire(key, KEPT_SECONDS);
  return answerWith(page, "MISS");
}

/** What the origin has answered CloudFront, without its body; that may be replaced. */
function originResponse(request: CloudFrontRequest, response: CloudFrontResponse) {
  if (Number(response.status) < 500) return response;
  return keptPage(request, ORIGIN_BYTES, true) ?? response;
}

/** The page out of the cache, if it may be answered here: a fresh one, or one of any age. */
function keptPage(request: CloudFrontRequest, mostBytes: number, ofAnyAge = false) {
  const page = isCacheable(request) ? cache.hgetall(keyOf(request)) : null;
  if (!page || Buffer.byteLength(page.body) > mostBytes) return null;
  const isFresh = Date.now() < Number(page.freshUntil);
  return isFresh || ofAnyAge ? answerWith(page, isFresh ? "HIT" : "STALE") : null;
}

/** A hundred requests a minute and address. */
function isOverLimit(clientIp: string): boolean {
  const key = `rate:${clientIp}`;
  const count = cache.incr(key);
  if (count === 1) cache.expire(key, 60);
  return count > 100;
}

/** Here the instance alone knows of a session; a real one comes from a store when it is not found. */
function logIn(request: CloudFrontRequest) {
  const token = crypto.randomUUID();
  const userId = new URLSearchParams(request.querystring).get("user") ?? "";
  cache.hset(`session:${token}`, { userId, since: Date.now() });
  cache.expire(`session:${token}`, 1800);
  const cookie = `session=${token}; Max-Age=1800; Path=/; Secure; HttpOnly; SameSite=Lax`;
  return answer("302", "", { Location: "/account", "Set-Cookie": cookie });
}

function account(request: CloudFrontRequest) {
  const session = cache.hgetall(`session:${cookieOf(request, "session")}`);
  if (!session?.userId) return answer("401", "Log in first");
  return answer("200", `Hello, ${session.userId}`);
}

function variant(experiment: string, visitor: string): string {
  const key = `ab:${experiment}:${visitor}`;
  let assigned = cache.get(key);
  if (assigned === null) {
    assigned = Math.random() < 0.5 ? "A" : "B";
    cache.set(key, assigned, { ex: 3600 });
  }
  return assigned;
}

const isCacheable = ({ method, headers }: CloudFrontRequest) =>
  method === "GET" && !headers.authorization;

const keyOf = (request: CloudFrontRequest) =>
  `page:${headerOf(request, "x-variant")}:${request.uri}?${request.querystring}`;

function urlOf({ origin, uri, querystring }: CloudFrontRequest): string {
  const { protocol, domainName, port, path } = origin!.custom!; // a server, not a bucket of S3
  return `${protocol}://${domainName}:${port}${path}${uri}${querystring && `?${querystring}`}`;
}

const headerOf = ({ headers }: CloudFrontRequest, name: string) => headers[name]?.[0].value ?? "";

function cookieOf(request: CloudFrontRequest, name: string): string {
  const cookies = headerOf(request, "cookie").split("; ");
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

/** CloudFront keeps it for what is left of its time. (X-Cache is a name that it lets no function use.) */
function answerWith(page: Record<string, string>, how: "HIT" | "MISS" | "STALE") {
  const { type, body, freshUntil } = page;
  const seconds = Math.max(0, Math.ceil((Number(freshUntil) - Date.now()) / 1000));
  const headers = { "Content-Type": type, "Cache-Control": `max-age=${seconds}` };
  return answer("200", body, { ...headers, "X-Ferrite": how });
}

function answer(status: string, body: string, headers = {}): CloudFrontResultResponse {
  const values = Object.entries<string>(headers).map(([key, value]) => [
    key.toLowerCase(),
    [{ key, value }],
  ]);
  return { status, body, headers: Object.fromEntries(values) };
}
