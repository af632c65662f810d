/* What takes several commands as one, for clients that have one command at a time: in scripts. */
import { found } from "../redis.js";

const READ = "return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}";

const SET = `
if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return redis.call('DEL', KEYS[2])`;

/** `call(words)`, and `callBytes(words)` whose strings are Uint8Arrays. */
export function scripted(call, callBytes) {
  return {
    read: async (key) => found(...(await callBytes(["EVAL", READ, "1", key]))),
    set: (key, value, px, lock) => call(["EVAL", SET, "2", key, lock, value, `${px ?? ""}`]),
    call: (key, words) => call(words),
  };
}
