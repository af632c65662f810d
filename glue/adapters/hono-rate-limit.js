/*
 * Middleware for Hono 4: a rate limit, by CL.THROTTLE: so many in a period, spread evenly, and as many at
 * once; and the fields that tell clients of it.
 */
import { refusal } from "../error.js";
import { Space } from "./space.js";

const PROBLEM = {
  type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
  title: "Request cannot be satisfied as assigned quota has been exceeded",
};

// By the draft of the IETF that they are of, draft-ietf-httpapi-ratelimit-headers; "x" is older.
const FIELDS = {
  "draft-11": ({ name, limit, period, remaining, reset }) => [
    ["RateLimit-Policy", `"${name}";q=${limit};w=${period}`],
    ["RateLimit", `"${name}";r=${remaining};t=${reset}`],
  ],
  "draft-7": ({ limit, period, remaining, reset }) => [
    ["RateLimit-Policy", `${limit};w=${period}`],
    ["RateLimit", `limit=${limit}, remaining=${remaining}, reset=${reset}`],
  ],
  "draft-6": ({ limit, period, remaining, reset }) => [
    ["RateLimit-Policy", `${limit};w=${period}`],
    ["RateLimit-Limit", `${limit}`],
    ["RateLimit-Remaining", `${remaining}`],
    ["RateLimit-Reset", `${reset}`],
  ],
  x: ({ limit, remaining, reset }) => [
    ["X-RateLimit-Limit", `${limit}`],
    ["X-RateLimit-Remaining", `${remaining}`],
    ["X-RateLimit-Reset", `${Math.ceil(Date.now() / 1000) + reset}`],
  ],
  none: () => [],
};

export function limitRate(cache, options) {
  const { key, limit, period, name = "default", fields = "draft-11" } = options;
  const { prefix = `rate:${name}:`, refuse = refuseAsProblem } = options;
  new Space(cache, prefix); // checked
  if (typeof key !== "function") throw refusal("key", key, "a function of a context, to a string");
  for (const [what, number] of Object.entries({ limit, period }))
    if (!(Number.isSafeInteger(number) && number > 0))
      throw refusal(what, number, "a whole number of 1 or more");
  if (!/^[ !#-[\]-~]+$/.test(name)) throw refusal("name", name, 'ASCII, without " and \\');
  if (!Object.hasOwn(FIELDS, fields))
    throw refusal("fields", fields, Object.keys(FIELDS).join(", "));

  return async function (context, next) {
    const client = `${prefix}${await key(context)}`;
    const throttled = cache.throttle(client, { maxBurst: limit - 1, count: limit, period });
    const { limited, remaining, retryAfter, resetAfter } = throttled;
    if (limited) {
      context.res = await refuse(context, { ...throttled, name });
      context.header("Retry-After", `${retryAfter}`);
    } else {
      await next();
    }
    const reset = limited ? retryAfter : resetAfter; // Retry-After is not to be earlier
    for (const [field, value] of FIELDS[fields]({ name, limit, period, remaining, reset }))
      context.header(field, value, { append: fields === "draft-11" }); // a list, of several limits
  };
}

function refuseAsProblem(context, { name }) {
  const problem = { ...PROBLEM, "violated-policies": [name] };
  return context.json(problem, 429, { "content-type": "application/problem+json" });
}
