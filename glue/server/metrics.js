/*
 * The figures of the cache and of the server, for Prometheus to fetch: on loopback, and nothing else.
 */
import { createServer } from "node:http";
import { metricsText } from "../metrics.js";

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

function text({ cache, stats, config, connections, blocking, pausing, tracking, now, startedAt }) {
  const upS = Math.floor((now() - startedAt) / 1000);
  return metricsText(cache.info(), {}, [
    ["uptime_in_seconds", "gauge", "Since the server began.", upS],
    ["connected_clients", "gauge", "Connections.", connections.size],
    ["blocked_clients", "gauge", "Clients that wait.", blocking.count + pausing.count],
    ["tracking_clients", "gauge", "Clients that track keys.", tracking.clientCount],
    ["max_clients", "gauge", "Connections there may be.", config.limits.clients],
    ["connections_received_total", "counter", "Connections that came.", stats.connections],
    ["rejected_connections_total", "counter", "Connections too many.", stats.rejected],
    ["commands_processed_total", "counter", "Commands of clients.", stats.commands],
    ["net_input_bytes_total", "counter", "Bytes read.", stats.bytesIn],
    ["net_output_bytes_total", "counter", "Bytes sent.", stats.bytesOut],
  ]);
}

/** A listener that is not listening yet. */
export function createMetrics(server) {
  return createServer(({ method, url }, response) => {
    if (url.split("?")[0] !== "/metrics") response.writeHead(404).end();
    else if (method !== "GET" && method !== "HEAD") response.writeHead(405, { allow: "GET" }).end();
    else response.writeHead(200, { "content-type": TYPE }).end(text(server));
  });
}
