import type { NodeAPI } from 'node-red';

/** Something that a node leaves behind for its successor: the same node, restarted by a deploy. */
export interface Kept {
  /** What has to be the same for it to be taken over. */
  readonly key: string;
  /** Ends it as its node would have: nobody takes it over. */
  end(): Promise<void>;
}

/** A deploy starts a node again within this; after it the node is taken to be gone. */
const KEPT_FOR_MS = 5000;

/** What nodes have left for their successors, by the id of the node; each for five seconds. */
export class HandOvers<T extends Kept> {
  readonly #keptForMs: number;
  readonly #kept = new Map<string, { readonly kept: T; readonly timer: NodeJS.Timeout }>();

  constructor(keptForMs = KEPT_FOR_MS) {
    this.#keptForMs = keptForMs;
  }

  /** Keeps it for whoever comes with the same id and key; ends it when nobody has come in time. */
  keep(id: string, kept: T): void {
    const timer = setTimeout(() => void this.end(id), this.#keptForMs).unref();
    this.#kept.set(id, { kept, timer });
  }

  /** What was kept for this id and key. Null: nothing, or something with another key, which has to {@link end} first. */
  take(id: string, key: string): T | null {
    const found = this.#kept.get(id);
    if (found?.kept.key !== key) return null;
    this.#drop(id);
    return found.kept;
  }

  has(id: string): boolean {
    return this.#kept.has(id);
  }

  /** Forgets what is kept: it has ended by itself. */
  forget(id: string, kept: T): void {
    if (this.#kept.get(id)?.kept === kept) this.#drop(id);
  }

  /** Ends what is kept for this id, if anything is. */
  async end(id: string): Promise<void> {
    const found = this.#kept.get(id);
    this.#drop(id);
    await found?.kept.end();
  }

  /** Ends everything: Node-RED stops, and nobody comes back. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((id) => this.end(id)));
  }

  #drop(id: string): void {
    clearTimeout(this.#kept.get(id)?.timer);
    this.#kept.delete(id);
  }
}

/** What Node-RED reports of itself, as far as it is used here. */
interface RuntimeEvent {
  readonly id?: string;
  readonly payload?: { readonly state?: string; readonly deploy?: boolean };
}

/** Who is listened to already. */
const WATCHED = new WeakSet<object>();

/** Calls `onStopped` when Node-RED has stopped its flows for good, not when it stops them for a deploy. Once for each Node-RED. */
export function whenStopped(RED: NodeAPI, onStopped: () => void): void {
  if (WATCHED.has(RED.events)) return;
  WATCHED.add(RED.events);
  RED.events.on('runtime-event', ({ id, payload }: RuntimeEvent) => {
    if (id === 'runtime-state' && payload?.state === 'stop' && payload.deploy !== true) onStopped();
  });
}
