/*
 * @upstash/redis, over HTTP: text only, and no tracking, as there is no connection to tell of changes on.
 */
import { FerriteError, refusal } from "../../error.js";
import { scripted } from "./scripts.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function upstash(client) {
  const { automaticDeserialization } = client.opts ?? {};
  if (automaticDeserialization !== false) {
    const name = "automaticDeserialization of the remote";
    throw refusal(name, automaticDeserialization, "false: values are as they are");
  }
  const call = async (words) => client.exec(words.map(toText)).catch(rethrow);
  return scripted(call, async (words) => {
    const reply = await call(words);
    return reply.map((one) => (typeof one === "string" ? encoder.encode(one) : one));
  });
}

// "WRONGTYPE ... script: 7c4acab..., on @user_script:1., command was: ..." as Redis has it.
function rethrow(error) {
  error.message = error.message.replace(/( script: .*)?, command was: .*$/s, "");
  throw error;
}

function toText(word) {
  if (!(word instanceof Uint8Array)) return word;
  try {
    return decoder.decode(word);
  } catch {
    throw new FerriteError("the value is not text; @upstash/redis holds text only");
  }
}
