/*
 * The figures of the cache and of the server, for Prometheus to fetch: on loopback, and nothing else.
 */
import { createServer } from "node:http";
import { metricsText } from "../metrics.js";
import { facts } from "./info.js";

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

const SERVER_FIGURES = [
  ["start_time_seconds", "gauge", "When the server began, since 1970.", "start_time_seconds"],
  ["uptime_in_seconds", "gauge", "Since the server began.", "uptime_in_seconds"],
  ["process_id", "gauge", "Of the server.", "process_id"],
  ["cpu_sys_seconds_total", "counter", "Processor time in the system.", "used_cpu_sys"],
  ["cpu_user_seconds_total", "counter", "Processor time of the process.", "used_cpu_user"],
  ["connected_clients", "gauge", "Connections.", "connected_clients"],
  ["blocked_clients", "gauge", "Clients that wait.", "blocked_clients"],
  ["tracking_clients", "gauge", "Clients that track keys.", "tracking_clients"],
  ["tracking_total_keys", "gauge", "Keys that are tracked.", "tracking_total_keys"],
  ["pubsub_channels", "gauge", "Channels that are listened to.", "pubsub_channels"],
  ["pubsub_patterns", "gauge", "Patterns of channels.", "pubsub_patterns"],
  ["config_maxclients", "gauge", "Connections there may be.", "maxclients"],
  ["config_maxmemory", "gauge", "The budget, in bytes.", "maxmemory"],
  ["connections_received_total", "counter", "That came.", "total_connections_received"],
  ["rejected_connections_total", "counter", "Connections too many.", "rejected_connections"],
  ["commands_processed_total", "counter", "Commands of clients.", "total_commands_processed"],
  ["net_input_bytes_total", "counter", "Bytes read.", "total_net_input_bytes"],
  ["net_output_bytes_total", "counter", "Bytes sent.", "total_net_output_bytes"],
];

function text(server) {
  const start_time_seconds = Math.floor(server.startedAt / 1000);
  const about = { redis_build_id: "", start_time_seconds };
  return metricsText({ ...server.cache.info(), ...facts(server), ...about }, {}, SERVER_FIGURES);
}

/** A listener that is not listening yet. */
export function createMetrics(server) {
  return createServer(({ method, url }, response) => {
    if (url.split("?")[0] !== "/metrics") response.writeHead(404).end();
    else if (method !== "GET" && method !== "HEAD") response.writeHead(405, { allow: "GET" }).end();
    else response.writeHead(200, { "content-type": TYPE }).end(text(server));
  });
}
