/*
 * valkey-glide, standalone or a cluster. It connects again unseen and keeps messages of invalidation to
 * itself, so there is no tracking; its transactions are made of a class of its package.
 */
import { slotOf } from "../slot.js";
import { scripted } from "./scripts.js";

const AS_BYTES = { decoder: 0 }; // Decoder.Bytes

export function glide(client) {
  const call = (words, options) =>
    client.customCommand(words.map(toArgument), options).catch(rethrow);
  const asked = scripted(call, (words) => call(words, AS_BYTES));
  if (typeof client.fcallWithRoute !== "function") return asked;
  // Which primary has a slot, a client of a cluster does not say: each is taken to be a node of its own.
  return { ...asked, nodeOf: (key) => `slot ${slotOf(key)}` };
}

// "WRONGTYPE: Operation ... value script: 7c4acab..., on @user_script:1." as Redis has it.
function rethrow(error) {
  error.message = error.message
    .replace(/^An error was signalled by the server: - ResponseError:/, "ERR:")
    .replace(/^([A-Z]+): (.*?)( script: .*)?$/s, "$1 $2");
  throw error;
}

const toArgument = (word) =>
  word instanceof Uint8Array ? Buffer.from(word.buffer, word.byteOffset, word.length) : word;
