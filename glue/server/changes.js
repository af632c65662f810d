/*
 * What commands change, for those who have to know: it is asked for only while there are any.
 */
export class Changes {
  #cache;
  #isWatching = false;

  constructor(cache) {
    this.#cache = cache;
  }

  set isWatching(isWatching) {
    this.#isWatching = isWatching;
  }

  get isWatching() {
    return this.#isWatching;
  }

  /** { all, changes }: see Core.takeChanges. */
  take() {
    return { all: true, changes: [] };
  }
}
