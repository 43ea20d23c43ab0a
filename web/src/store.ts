/** Holds one state, changes it by one reducer, and tells whoever draws it. */

export class Store<S, C> {
  #state: S;
  readonly #reduce: (state: S, change: C) => S;
  readonly #listeners = new Set<() => void>();

  constructor(state: S, reduce: (state: S, change: C) => S) {
    this.#state = state;
    this.#reduce = reduce;
  }

  get state(): S {
    return this.#state;
  }

  readonly snapshot = (): S => this.#state;

  readonly dispatch = (change: C): void => {
    const next = this.#reduce(this.#state, change);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  };

  /** Returns how to stop listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}
