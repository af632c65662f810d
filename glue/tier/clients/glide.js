/*
 * valkey-glide, standalone or a cluster. It connects again unseen and keeps messages of invalidation to
 * itself, so there is no tracking: copies live as long as the bound. Its transactions are made of a class
 * of its package; scripts do the same here.
 */
import { found } from "../redis.js";

const AS_BYTES = { decoder: 0 }; // Decoder.Bytes

const READ = "return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}";

const SET = `
if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return redis.call('DEL', KEYS[2])`;

export function glide(client) {
  const call = (words, options) =>
    client.customCommand(words.map(toArgument), options).catch(rethrow);
  return {
    read: async (key) => found(...(await call(["EVAL", READ, "1", key], AS_BYTES))),
    set: (key, value, px, lock) => call(["EVAL", SET, "2", key, lock, value, `${px ?? ""}`]),
    call: (key, words) => call(words),
  };
}

// "WRONGTYPE: Operation ... value script: 7c4acab..., on @user_script:1." as Redis has it.
function rethrow(error) {
  error.message = error.message.replace(/^([A-Z]+): (.*?)( script: .*)?$/s, "$1 $2");
  throw error;
}

const toArgument = (word) =>
  word instanceof Uint8Array ? Buffer.from(word.buffer, word.byteOffset, word.length) : word;
