/*
 * INFO: what the module tells, and what the server knows besides, in Redis's sections.
 */
import { platform, release, arch } from "node:os";
import { randomBytes } from "node:crypto";
import { lines } from "./replies.js";

const RUN_ID = randomBytes(20).toString("hex");
const DAY_S = 24 * 60 * 60;

export class Stats {
  connections = 0;
  rejected = 0;
  commands = 0;
  bytesIn = 0;
  bytesOut = 0;

  reset() {
    Object.assign(this, new Stats());
  }
}

// In Redis's order; the module's fields come first, but for those that are here too.
const sections = (server) => {
  const { stats, config, connections, blocking, channels, tracking, options } = server;
  const upS = Math.floor((server.now() - server.startedAt) / 1000);
  const cpu = process.cpuUsage();
  return {
    Server: {
      ferrite: "server for development, in front of one cache in WebAssembly",
      redis_mode: "standalone",
      os: `${platform()} ${release()} ${arch()}`,
      process_id: process.pid,
      run_id: RUN_ID,
      tcp_port: options.port,
      uptime_in_seconds: upS,
      uptime_in_days: Math.floor(upS / DAY_S),
      hz: 10,
      configured_hz: config.get("hz"),
      executable: process.argv[1],
      config_file: "",
      io_threads_active: 0,
    },
    Clients: {
      connected_clients: connections.size,
      cluster_connections: 0,
      maxclients: config.get("maxclients"),
      blocked_clients: blocking.count + server.pausing.count,
      tracking_clients: tracking.clientCount,
    },
    Memory: {
      mem_not_counted_for_evict: 0,
      lazyfree_pending_objects: 0, // what is removed is gone at once for everybody
      mem_clients_normal: [...connections.values()].reduce((sum, each) => sum + each.memory, 0),
    },
    Persistence: {
      loading: 0,
      async_loading: 0,
      rdb_changes_since_last_save: 0,
      rdb_bgsave_in_progress: 0,
      rdb_last_save_time: Math.floor(server.startedAt / 1000),
      rdb_last_bgsave_status: "ok",
      aof_enabled: 0,
      aof_rewrite_in_progress: 0,
    },
    Stats: {
      total_connections_received: stats.connections,
      total_commands_processed: stats.commands,
      total_net_input_bytes: stats.bytesIn,
      total_net_output_bytes: stats.bytesOut,
      rejected_connections: stats.rejected,
      pubsub_channels: channels.channels.size,
      pubsub_patterns: channels.patterns.size,
      pubsubshard_channels: channels.shards.size,
      tracking_total_keys: tracking.keyCount,
      tracking_total_items: tracking.itemCount,
      tracking_total_prefixes: tracking.prefixCount,
    },
    Replication: {
      role: "master",
      connected_slaves: 0,
      master_failover_state: "no-failover",
      master_replid: RUN_ID,
      master_repl_offset: 0,
    },
    CPU: {
      used_cpu_sys: (cpu.system / 1e6).toFixed(6),
      used_cpu_user: (cpu.user / 1e6).toFixed(6),
    },
    Modules: {},
    Cluster: { cluster_enabled: 0 },
    Keyspace: {},
  };
};

/** All that the server knows, by field. */
export const facts = (server) => Object.assign({}, ...Object.values(sections(server)));

// "# Memory\r\nused_memory:5\r\n" as { Memory: { used_memory: "5" } }
function readSections(text) {
  const found = {};
  let section;
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (line.startsWith("# ")) section = found[line.slice(2)] = {};
    else if (colon > 0) section[line.slice(0, colon)] = line.slice(colon + 1);
  }
  return found;
}

function human(bytes) {
  const unit = ["B", "K", "M", "G"].findIndex((_, i) => bytes < 1024 ** (i + 1));
  return unit === 0 ? `${bytes}B` : `${(bytes / 1024 ** unit).toFixed(2)}${"BKMG"[unit]}`;
}

export function info({ server, resp }, [, ...asked]) {
  const names = asked.map((name) => name.toLowerCase());
  const isWanted = (name) =>
    names.length === 0 ||
    names.some((asks) => ["default", "all", "everything", name.toLowerCase()].includes(asks));
  const ofModule = readSections(server.cache.run(["INFO", "EVERYTHING"], false));
  for (const field of ["used_memory", "used_memory_rss", "maxmemory"]) {
    ofModule.Memory[`${field}_human`] = human(Number(ofModule.Memory[field]));
  }
  const told = [];
  for (const [name, fields] of Object.entries(sections(server))) {
    if (!isWanted(name)) continue;
    const all = Object.entries({ ...ofModule[name], ...fields });
    told.push([`# ${name}`, ...all.map(([field, value]) => `${field}:${value}`), ""].join("\r\n"));
  }
  return lines(resp, told.join("\r\n"));
}
