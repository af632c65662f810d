// What the clients' tests store, and how they wait.

/** Every byte there is. */
export const BINARY = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** 1 MiB in which no two places look alike. */
export const LARGE = Buffer.alloc(1 << 20);
for (let i = 0; i < LARGE.length; i += 4) LARGE.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i);

export const NUMBERS = Array.from({ length: 2000 }, (_, i) => i);

const PATIENCE_MS = 5000;

/** Waits until something is so. */
export async function until(isSo) {
  for (const giveUp = Date.now() + PATIENCE_MS; !(await isSo()); ) {
    if (Date.now() > giveUp) throw new Error(`not so within ${PATIENCE_MS} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
