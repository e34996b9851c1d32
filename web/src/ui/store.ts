// A state that is replaced, never changed, and tells who looks at it.

import { useEffect, useState } from 'preact/hooks';

/** Holds one state. */
export class Store<T extends object> {
  private readonly watchers = new Set<() => void>();

  constructor(private state: T) {}

  get(): T {
    return this.state;
  }

  /** Replaces these members. */
  set(change: Partial<T>): void {
    this.state = { ...this.state, ...change };
    for (const watcher of [...this.watchers]) watcher();
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}

/** The state, and a new look whenever it is replaced. */
export function useStore<T extends object>(store: Store<T>): T {
  const [state, look] = useState(store.get());
  useEffect(() => {
    look(store.get());
    return store.watch(() => look(store.get()));
  }, [store]);
  return state;
}
