/*
 * The figures of a cache as Prometheus reads them, under the names that redis_exporter has for the same
 * figures of a Redis: so dashboards and alerts that are made for a Redis show a cache as well.
 */
import { refusal } from "./error.js";

// [name, type, what it is, the field of INFO]
const FIGURES = [
  ["memory_used_bytes", "gauge", "What the cache uses of its budget.", "used_memory"],
  ["memory_used_rss_bytes", "gauge", "The size of the WebAssembly memory.", "used_memory_rss"],
  ["memory_used_overhead_bytes", "gauge", "Used for other than data.", "used_memory_overhead"],
  ["memory_used_dataset_bytes", "gauge", "Used for data.", "used_memory_dataset"],
  ["memory_max_bytes", "gauge", "The budget.", "maxmemory"],
  ["keyspace_hits_total", "counter", "Lookups of keys that were there.", "keyspace_hits"],
  ["keyspace_misses_total", "counter", "Lookups of keys that were not.", "keyspace_misses"],
  ["expired_keys_total", "counter", "Keys whose time was up.", "expired_keys"],
  ["evicted_keys_total", "counter", "Keys that made room for others.", "evicted_keys"],
  ["db_keys", "gauge", "Keys there are.", "keys", { db: "db0" }],
  ["db_keys_expiring", "gauge", "Keys with an expiry.", "expires", { db: "db0" }],
];

// What it says of an instance that does not change often: fields of INFO that are there.
const ABOUT =
  "role redis_version redis_build_id redis_mode os maxmemory_policy tcp_port run_id process_id".split(
    " ",
  );

/** Of what cache.info() gives, and further figures: [name, type, what it is, the field of INFO]. */
export function metricsText(info, given = {}, more = []) {
  const { labels = {} } = checked(given);
  const about = Object.fromEntries(ABOUT.filter((n) => n in info).map((n) => [n, info[n]]));
  const rows = [
    ["up", "gauge", "Always 1.", 1],
    ["instance_info", "gauge", "1, with what does not change often as labels.", 1, about],
  ];
  for (const [name, type, help, field, own] of [...FIGURES, ...more]) {
    rows.push([name, type, help, info[field], own]);
  }
  return rows
    .map(([name, type, help, value, own]) => {
      const full = `redis_${name}`;
      const sample = `${full}${labelText({ ...labels, ...own })} ${value}`;
      return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${sample}\n`;
    })
    .join("");
}

function checked(options) {
  if (typeof options !== "object" || options === null) {
    throw refusal("options", options, "an object");
  }
  for (const name in options) {
    if (name !== "labels") throw refusal(`option "${name}"`, options[name], "labels");
  }
  const { labels = {} } = options;
  if (typeof labels !== "object" || labels === null) {
    throw refusal("labels", labels, "an object");
  }
  for (const name in labels) {
    const isGood =
      /^(?!__)[a-z_]\w*$/i.test(name) && ["string", "number"].includes(typeof labels[name]);
    if (!isGood) throw refusal(`label "${name}"`, labels[name], "name: a string or a number");
  }
  return options;
}

const ESCAPED = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

function labelText(labels) {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${String(value).replace(/[\\"\n]/g, (unit) => ESCAPED[unit])}"`,
  );
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}
