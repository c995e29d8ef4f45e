import { renameSync } from 'node:fs';
import { readIfThere } from './read-file';
import { replaceFile } from './replace-file';

/** Keeps one value between two lives of Node-RED. */
export interface Store<T> {
  /** The value saved last; null when there is none yet, or while {@link isUnread}: the next call tries again then. */
  load(): T | null;
  /** Whether the last {@link load} failed, so that nobody knows what is stored: unknown is not none. */
  readonly isUnread: boolean;
  /**
   * @returns false when the value is not on disk yet: it is kept in memory, and written as soon as that is possible. While
   * {@link isUnread} nothing is kept or written: it would replace what nobody has seen.
   */
  save(value: T): boolean;
  /** Tries a last time to write what is not on disk yet. */
  close(): void;
}

/** Describes the file of a {@link JsonFile}. */
export interface JsonFileOptions<T> {
  readonly path: string;
  /** Parses the content; null when the text is not JSON, or anything in it is not as it should be. */
  readonly read: (text: string) => T | null;
  /** Receives a line for a person: a damaged file was set aside, nothing can be written, or all is well again. */
  readonly warn: (message: string) => void;
  /** Names the content, as the subject of a sentence in the plural. */
  readonly what: string;
  /** Says what happens without the content, as a half-sentence. */
  readonly otherwise: string;
  /** Says what does not happen while the content cannot be read, as a half-sentence. */
  readonly untilRead: string;
  /** Texts that could not be written, by path. Whoever opens the file next in this process goes on from there. */
  readonly unsaved?: Map<string, string>;
  /** Runs the retry after so many milliseconds; returns its undo. */
  readonly schedule?: (retry: () => void, ms: number) => () => void;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** What a file holds, whoever keeps it. */
export type JsonContent<T> = Pick<JsonFileOptions<T>, 'read' | 'what' | 'otherwise' | 'untilRead'>;

/** How long a write that failed waits for the next attempt. */
const RETRY_MS = 5000;
/** A file that nobody could read for so long is set aside: its owner must not stand still for ever. */
const MAX_UNREAD_MS = 10 * 60_000;
/** No state of ours comes near this; more would only fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Stores a value as JSON in a file that is replaced as a whole. A damaged file is set aside. A write that fails is reported
 * once, and once more when it is over; meanwhile the value is kept in memory and written again every {@link RETRY_MS}. A file
 * that cannot be read, for whatever reason but that there is none, is reported likewise and left as it is for
 * {@link MAX_UNREAD_MS}; then it is set aside like a damaged one.
 */
export class JsonFile<T> implements Store<T> {
  readonly #options: JsonFileOptions<T>;
  readonly #unsaved: Map<string, string>;
  #cancelRetry: (() => void) | null = null;
  #isClosed = false;
  /** Since when the file could not be read (epoch ms); null while it can. */
  #unreadSince: number | null = null;

  constructor(options: JsonFileOptions<T>) {
    this.#options = options;
    this.#unsaved = options.unsaved ?? new Map<string, string>();
  }

  get isUnread(): boolean {
    return this.#unreadSince !== null;
  }

  load(): T | null {
    const { path, read } = this.#options;
    const unsaved = this.#unsaved.get(path);
    if (unsaved !== undefined) {
      this.#retryLater();
      return read(unsaved); // newer than the file
    }
    const text = this.#read();
    if (text === null) return null;
    const value = read(text);
    if (value === null) this.#quarantine('is damaged');
    return value;
  }

  save(value: T): boolean {
    return !this.isUnread && this.#write(JSON.stringify(value));
  }

  close(): void {
    this.#isClosed = true;
    this.#retry();
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #write(text: string): boolean {
    const { path, warn, what } = this.#options;
    const hasFailed = this.#unsaved.has(path);
    try {
      if (text.length > MAX_BYTES) throw new Error(`${text.length} bytes are too many`);
      replaceFile(path, text);
    } catch (error) {
      this.#unsaved.set(path, text);
      this.#retryLater();
      if (!hasFailed)
        warn(`${what} cannot be stored in ${path}: ${String(error)}; they are kept in memory until it can`);
      return false;
    }
    this.#unsaved.delete(path);
    if (hasFailed) warn(`${what} are stored in ${path} again`);
    return true;
  }

  #retry(): void {
    const unsaved = this.#unsaved.get(this.#options.path);
    if (unsaved !== undefined) this.#write(unsaved);
  }

  #retryLater(): void {
    if (this.#isClosed || this.#cancelRetry !== null) return;
    const { schedule = scheduleUnreferenced } = this.#options;
    this.#cancelRetry = schedule(() => {
      this.#cancelRetry = null;
      this.#retry();
    }, RETRY_MS);
  }

  #read(): string | null {
    const { path, warn, untilRead, now = Date.now } = this.#options;
    const text = readIfThere(path, MAX_BYTES);
    if (text instanceof Error) {
      if (this.#unreadSince === null) warn(`${path} cannot be read: ${String(text)}; ${untilRead}`);
      this.#unreadSince ??= now();
      if (now() - this.#unreadSince < MAX_UNREAD_MS) return null;
      this.#unreadSince = null;
      this.#quarantine(`could not be read for ${MAX_UNREAD_MS / 60_000} minutes`);
      return null;
    }
    if (this.isUnread) warn(`${path} can be read again`);
    this.#unreadSince = null;
    return text;
  }

  #quarantine(why: string): void {
    const { path, warn, otherwise } = this.#options;
    const aside = `${path}.damaged`;
    try {
      renameSync(path, aside);
      warn(`${path} ${why} and was set aside as ${aside}; ${otherwise}`);
    } catch (error) {
      warn(`${path} ${why}, and cannot be set aside: ${String(error)}; ${otherwise}`);
    }
  }
}

/** Keeps a value as long as the process lives: where Node-RED has no directory of its own. */
export class InMemoryStore<T> implements Store<T> {
  readonly isUnread = false;
  #value: T | null = null;

  load(): T | null {
    return this.#value;
  }

  save(value: T): boolean {
    this.#value = value;
    return true;
  }

  close(): void {
    // Nothing to write.
  }
}

/** A retry alone does not keep a process alive that wants to end. */
function scheduleUnreferenced(retry: () => void, ms: number): () => void {
  const timer = setTimeout(retry, ms).unref();
  return () => {
    clearTimeout(timer);
  };
}
