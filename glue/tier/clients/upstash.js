/*
 * @upstash/redis, over HTTP: text only, and no tracking, as there is no connection to tell of changes on.
 */
import { FerriteError, refusal } from "../../error.js";
import { found } from "../redis.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function upstash(client) {
  if (client.opts?.automaticDeserialization !== false) {
    throw refusal(
      "automaticDeserialization of the remote",
      undefined,
      "false: values are as they are",
    );
  }
  return {
    async read(key) {
      const transaction = client.multi().get(key).pttl(key);
      const [value, pttl] = await transaction.exec().catch(rethrow);
      return found(value === null ? null : encoder.encode(value), pttl);
    },
    async exec(key, commands) {
      const transaction = client.multi();
      for (const words of commands) queue(transaction, words);
      return transaction.exec().catch(rethrow);
    },
    call: async (key, words) => queue(client, words).catch(rethrow),
  };
}

// "Command 1 [ get ] failed: WRONGTYPE ...", "WRONGTYPE ..., command was: ..." as Redis has it.
function rethrow(error) {
  error.message = error.message
    .replace(/^Command \d+ \[.*?\] failed: /, "")
    .replace(/, command was: .*$/s, "");
  throw error;
}

function queue(client, [name, ...words]) {
  const [first, second, ...rest] = words.map(toText);
  switch (name) {
    case "SET":
      return client.set(first, second, { nx: rest.includes("NX") || undefined, ...expiry(rest) });
    case "DEL":
      return client.del(...words);
    default: {
      const keys = Number(second);
      return client.eval(first, rest.slice(0, keys), rest.slice(keys));
    }
  }
}

function expiry(words) {
  const at = words.indexOf("PX");
  return at < 0 ? {} : { px: Number(words[at + 1]) };
}

function toText(word) {
  if (!(word instanceof Uint8Array)) return word;
  try {
    return decoder.decode(word);
  } catch {
    throw new FerriteError("the value is not text; @upstash/redis holds text only");
  }
}
