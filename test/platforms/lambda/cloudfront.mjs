// Events as CloudFront sends them, field by field those of AWS's "Lambda@Edge event structure", and what it
// refuses of a function's answers.
import assert from "node:assert/strict";

const config = (eventType) => ({
  distributionDomainName: "d111111abcdef8.cloudfront.net",
  distributionId: "EDFDVBD6EXAMPLE",
  eventType,
  requestId: "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
});

/** Headers as events have them, of { "X-Name": value }. */
const headersOf = (values) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key.toLowerCase(), [{ key, value }]]),
  );

const record = (cf) => ({ Records: [{ cf }] });

export function viewerRequest(uri, { clientIp = "203.0.113.178", headers = {}, ...more } = {}) {
  const [path, querystring = ""] = uri.split("?");
  const always = {
    Host: "d111111abcdef8.cloudfront.net",
    "User-Agent": "curl/7.66.0",
    Accept: "*/*",
  };
  return record({
    config: config("viewer-request"),
    request: {
      clientIp,
      headers: headersOf({ ...always, ...headers }),
      method: "GET",
      querystring,
      uri: path,
      ...more,
    },
  });
}

/** What follows when a function lets a viewer's request through; `port` is that of the origin, on loopback. */
export function originRequest(request, port) {
  const added = headersOf({
    "X-Forwarded-For": request.clientIp,
    "User-Agent": "Amazon CloudFront",
    Via: "2.0 2afae0d44e2540f472c0635ab62c232b.cloudfront.net (CloudFront)",
    "Cache-Control": "no-cache",
  });
  const custom = {
    customHeaders: {},
    domainName: "127.0.0.1",
    keepaliveTimeout: 5,
    path: "",
    port,
    protocol: "http",
    readTimeout: 30,
    sslProtocols: ["TLSv1", "TLSv1.1", "TLSv1.2"],
  };
  const { cookie: _, ...headers } = request.headers; // kept back, unless a cache policy has them
  return record({
    config: config("origin-request"),
    request: { ...request, headers: { ...headers, ...added }, origin: { custom } },
  });
}

export function originResponse(request, status) {
  return record({
    config: config("origin-response"),
    request,
    response: {
      headers: headersOf({
        "Content-Type": "text/html",
        "Content-Length": "9593",
        Server: "nginx",
      }),
      status: `${status}`,
      statusDescription: "",
    },
  });
}

const DISALLOWED =
  /^(connection|expect|keep-alive|proxy-.*|trailer|upgrade|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip)$/;
const MOST_BYTES = {
  "viewer-request": 40 * 1000,
  "origin-request": 1000 * 1000,
  "origin-response": 1000 * 1000,
};

/** Throws if CloudFront would not take what a function has returned; else returns it. */
export function checked(event, result) {
  const { cf } = event.Records[0];
  if (result === cf.request || result === cf.response) return result;
  const kind = cf.config.eventType;
  assert.match(result.status, /^[1-5]\d\d$/);
  let bytes = Buffer.byteLength(result.body ?? "");
  for (const [name, values] of Object.entries(result.headers ?? {})) {
    assert.doesNotMatch(name, DISALLOWED);
    assert.equal(name, name.toLowerCase());
    for (const { key, value } of values) {
      assert.equal(key.toLowerCase(), name);
      assert.equal(typeof value, "string");
      bytes += Buffer.byteLength(`${key}: ${value}\r\n`);
    }
  }
  assert.ok(bytes <= MOST_BYTES[kind], `${bytes} bytes for ${kind}`);
  return result;
}
