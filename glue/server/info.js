/*
 * INFO: what the module tells of itself, and what the server knows besides.
 */
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
