/*
 * Changes of keys that wait for one who wants to know them: so many at most, then all are as good as lost.
 */
const MOST = 10_000;

export class Backlog {
  #all = false;
  #changes = [];

  add({ all, changes }) {
    if (this.#all) return;
    this.#all = all || this.#changes.length + changes.length > MOST;
    if (this.#all) this.#changes = [];
    else this.#changes.push(...changes);
  }

  take() {
    const taken = { all: this.#all, changes: this.#changes };
    this.#all = false;
    this.#changes = [];
    return taken;
  }
}
