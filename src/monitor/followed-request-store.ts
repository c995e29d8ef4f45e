import type { Store } from '../storage/json-file';
import { followedRequestsFile, type FollowedRequest, type FollowedRequestsFile } from './followed-requests';

/** More requests, or requests of more characters in all, are followed but not stored. */
const MAX_STORED = { requests: 500, length: 8 * 1024 * 1024 } as const;
/** A file that cannot be read is tried again after this time. */
const RETRY_MS = 10_000;

/** Options of {@link FollowedRequestStore}. */
interface StoreOptions {
  readonly store: Store<FollowedRequestsFile>;
  /** Deletes the file. */
  readonly discard: () => void;
  /** Receives a line for the user. */
  readonly warn: (message: string) => void;
}

/**
 * The requests that a node follows, kept on disk. Changes of the same turn are written together. A request that cannot be
 * stored is followed all the same, but not over a restart.
 */
export class FollowedRequestStore {
  readonly #options: StoreOptions;
  readonly #requests = new Map<string, FollowedRequest>();
  /** Ids of the requests that the file contains. */
  #stored: ReadonlySet<string> = new Set();
  /** The state before a change that is not on disk yet and must not take effect without being; null: a new request. */
  readonly #before = new Map<string, FollowedRequest | null>();
  /** The requests of which messages were sent since the last write began, as they were before. */
  readonly #sent = new Map<string, FollowedRequest>();
  #saving: { readonly done: Promise<boolean>; readonly run: () => void } | null = null;
  #retry: NodeJS.Timeout | null = null;
  #isFullReported = false;
  #isClosed = false;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** The stored requests. @param onLater receives those of a file that could not be read at first */
  load(onLater: (requests: readonly FollowedRequest[]) => void): readonly FollowedRequest[] {
    const { store } = this.#options;
    const requests = store.load()?.requests ?? [];
    if (store.isUnread) {
      this.#retry = setTimeout(() => {
        onLater(this.load(onLater));
      }, RETRY_MS).unref();
    }
    for (const request of requests) this.#requests.set(request.id, request);
    this.#stored = new Set([...this.#stored, ...requests.map(({ id }) => id)]);
    return requests;
  }

  /** The requests that have not ended. */
  get all(): readonly FollowedRequest[] {
    return [...this.#requests.values()];
  }

  /** Adds or replaces a request; it is written soon. */
  set(request: FollowedRequest): void {
    if (this.#isClosed) return;
    this.#requests.set(request.id, request);
    void this.#saveSoon();
  }

  /** Replaces a request of which a message was sent, or {@link remove}s it next: {@link close} may restore it. */
  setSent(request: FollowedRequest): void {
    const before = this.#requests.get(request.id);
    this.set(request);
    if (before !== undefined && !this.#sent.has(request.id)) this.#sent.set(request.id, before);
  }

  /**
   * Adds or replaces a request before something is done that must not be done twice.
   * @returns false, and nothing is changed, if the file contains an older state of the request that could not be
   * replaced, or if the node has closed meanwhile
   */
  async commit(request: FollowedRequest): Promise<boolean> {
    if (this.#isClosed) return false;
    const before = this.#requests.get(request.id) ?? null;
    this.#requests.set(request.id, request);
    this.#before.set(request.id, before);
    const isSaved = await this.#saveSoon();
    // After a close the state before has been restored already.
    if (!this.#before.delete(request.id)) return false;
    if (isSaved || !this.#stored.has(request.id)) return true;
    this.#restore(request.id, before);
    return false;
  }

  remove(id: string): void {
    if (this.#isClosed || !this.#requests.delete(id)) return;
    void this.#saveSoon();
  }

  /**
   * Writes what is not written yet, and closes the file; changes after this have no effect.
   * @param isDeleted deletes the file
   * @param wereReceived false: the messages sent last were not received, so that they must be sent again
   */
  close(isDeleted: boolean, wereReceived = true): void {
    for (const [id, before] of this.#before) this.#restore(id, before);
    this.#before.clear();
    if (!wereReceived) this.#restoreSent();
    this.#isClosed = true;
    this.#saving?.run();
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#options.store.close();
    if (isDeleted) this.#options.discard();
  }

  #restoreSent(): void {
    for (const [id, before] of this.#sent) this.#requests.set(id, before);
    void this.#saveSoon();
  }

  #restore(id: string, before: FollowedRequest | null): void {
    if (before === null) this.#requests.delete(id);
    else this.#requests.set(id, before);
  }

  /**
   * Writes in a later turn: Node-RED passes a message on in a later turn, and a process that is killed in between must send it
   * again rather than lose it.
   */
  #saveSoon(): Promise<boolean> {
    if (this.#saving === null) {
      this.#sent.clear();
      let finish: (isSaved: boolean) => void = () => undefined;
      const done = new Promise<boolean>((resolve) => (finish = resolve));
      const run = (): void => {
        clearImmediate(timer);
        this.#saving = null;
        finish(this.#save());
      };
      const timer = setImmediate(run);
      this.#saving = { done, run };
    }
    return this.#saving.done;
  }

  #save(): boolean {
    const requests = this.#storable();
    const isSaved = this.#options.store.save(followedRequestsFile(requests));
    if (isSaved) this.#stored = new Set(requests.map(({ id }) => id));
    return isSaved;
  }

  /** The oldest requests, as many as may be stored. */
  #storable(): FollowedRequest[] {
    let length = 0;
    const requests = this.all.filter(({ message, response }, index) => {
      length += message.length + response.length;
      return index < MAX_STORED.requests && length <= MAX_STORED.length;
    });
    if (requests.length < this.#requests.size && !this.#isFullReported) {
      this.#isFullReported = true;
      this.#options.warn(
        `Only ${requests.length} messages whose backups are followed can be stored: ` +
          'the others are followed too, but not after a restart of Node-RED',
      );
    }
    return requests;
  }
}
