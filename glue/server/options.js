/*
 * The options of the server, checked.
 */
import { readWords } from "../command-line.js";
import { FerriteError, refusal } from "../error.js";

export const HELP = `usage: ferrite-edge serve [options]

A server for any Redis client, in front of one cache in this process. Nothing is kept on disk.

  --port N           where to listen; 0: a free port (6379)
  --bind ADDRESS     of which address (127.0.0.1); others than loopback ask for --requirepass
  --socket PATH      a Unix socket to listen at as well
  --maxmemory BYTES  what the cache may take: bytes, or 64mb, 512kb, 1gb (64mb)
  --policy NAME      what to evict: noeviction, allkeys-lru, ... (allkeys-lru)
  --requirepass WORD what clients have to give as their password
  --maxclients N     how many connections there may be (10000)
  --metrics-port N   where on 127.0.0.1 Prometheus finds /metrics; 0: a free port (nowhere)
  --help             this text
`;

const DEFAULTS = {
  port: 6379,
  bind: "127.0.0.1",
  socket: null,
  maxmemory: "64mb",
  policy: "allkeys-lru",
  requirepass: "",
  maxclients: 10000,
  "metrics-port": null,
};
const NUMBERS = ["port", "maxclients", "metrics-port"];

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Of words such as ["--port", "7000"]. */
export function readOptions(words) {
  const { options } = readWords(words, DEFAULTS, NUMBERS);
  for (const name of ["port", "metrics-port"]) {
    if (options[name] > 65535) throw refusal(`--${name}`, options[name], "0 to 65535");
  }
  if (options.maxclients === 0) throw refusal("--maxclients", 0, "1 or more");
  if (!LOOPBACK.test(options.bind) && options.requirepass === "") {
    throw new FerriteError(
      `--bind ${options.bind} lets others in than this machine; that needs --requirepass`,
    );
  }
  return options;
}
