/*
 * The figures of a cache as OpenTelemetry's metrics, under the names that the OpenTelemetry Collector
 * has for the same figures of a Redis. They are read when they are exported, and cost nothing between.
 */

// [name, kind, unit, the field of cache.info(), what it is]
const FIGURES = [
  ["redis.memory.used", "Gauge", "By", "used_memory", "What the cache uses of its budget"],
  ["redis.maxmemory", "Gauge", "By", "maxmemory", "The budget"],
  ["redis.keyspace.hits", "Counter", "{hit}", "keyspace_hits", "Lookups of keys that were there"],
  [
    "redis.keyspace.misses",
    "Counter",
    "{miss}",
    "keyspace_misses",
    "Lookups of keys that were not",
  ],
  ["redis.keys.evicted", "Counter", "{key}", "evicted_keys", "Keys that made room for others"],
  ["redis.keys.expired", "Counter", "{event}", "expired_keys", "Keys whose time was up"],
  ["redis.db.keys", "Gauge", "{key}", "keys", "Keys there are", { db: "0" }],
  ["redis.db.expires", "Gauge", "{key}", "expires", "Keys with an expiry", { db: "0" }],
];

/**
 * @param meter of @opentelemetry/api
 * @param attributes what tells this cache from others of the process
 * @returns a function that ends it
 */
export function observe(meter, cache, attributes = {}) {
  const figures = FIGURES.map(([name, kind, unit, field, description, own]) => ({
    instrument: meter[`createObservable${kind}`](name, { unit, description }),
    field,
    attributes: { ...attributes, ...own },
  }));
  const instruments = figures.map(({ instrument }) => instrument);
  const read = (result) => {
    const info = cache.info();
    for (const { instrument, field, attributes } of figures)
      result.observe(instrument, info[field], attributes);
  };
  meter.addBatchObservableCallback(read, instruments);
  return () => meter.removeBatchObservableCallback(read, instruments);
}
