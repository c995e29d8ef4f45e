import { renameSync } from 'node:fs';
import { appendText } from './append';
import { changesBetween } from './json-changes';
import { readFileIfPresent, replaceFile } from './text-file';

/** Stores one value over restarts of Node-RED. */
export interface Store<T> {
  /** The value saved last; null when there is none, or while {@link isUnread}: the next call then tries again. */
  load(): T | null;
  /** Whether the last {@link load} failed, so that a stored value may exist which is unknown. */
  readonly isUnread: boolean;
  /**
   * @returns false when the value is not on disk yet: it is kept in memory and written as soon as possible. While
   * {@link isUnread} nothing is kept or written, because that would replace a value that was never read.
   */
  save(value: T): boolean;
  /** Tries a last time to write a value that is not on disk yet. */
  close(): void;
}

/** Options of a {@link JsonFile}. */
export interface JsonFileOptions<T> {
  readonly path: string;
  /** Parses the content; null when the text is not JSON or any part of it is invalid. */
  readonly parse: (text: string) => T | null;
  /** Receives a line for the user: a damaged file was set aside, a write has failed, or the fault has ended. */
  readonly warn: (message: string) => void;
  /** Name of the content in messages: the subject of a sentence in the plural. */
  readonly content: string;
  /** Consequence of a lost content, as a half-sentence for messages. */
  readonly consequence: string;
  /** Consequence while the content cannot be read, as a half-sentence for messages. */
  readonly whileUnread: string;
  /**
   * Whether a large value is written as a whole only now and then, and what changed meanwhile is appended in lines: `parse`
   * then has to read them with `parseWithChanges`. Values are not changed after they were saved. Default: false.
   */
  readonly appendsChanges?: boolean;
  /** Texts that could not be written, by path: the next file opened at that path in this process continues with them. */
  readonly unsaved?: Map<string, string>;
  /** Runs the retry after so many milliseconds. @returns a function that cancels it */
  readonly schedule?: (retry: () => void, ms: number) => () => void;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** The content of a {@link JsonFile}, independent of its location. */
export type JsonContent<T> = Pick<
  JsonFileOptions<T>,
  'parse' | 'content' | 'consequence' | 'whileUnread' | 'appendsChanges'
>;

/** The time from a failed write to the next attempt. */
const RETRY_MS = 5000;
/** A file that could not be read for this long is set aside, so that its owner can continue. */
const MAX_UNREAD_MS = 10 * 60_000;
/** Far more than any stored state needs. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A file grows by changes to this many times the size that it has as a whole. */
const MAX_GROWTH = 1.5;
/** A smaller file is replaced as a whole at each change: that costs no more, and an older release reads it at any time. */
const MIN_BYTES_TO_APPEND = 64 * 1024;

/** A file that this process has written. */
interface Written<T> {
  /** What it contains. */
  readonly value: T;
  /** Its size in bytes after it was written as a whole. */
  readonly wholeBytes: number;
  /** Its size in bytes. */
  readonly bytes: number;
}

/**
 * Stores a value as JSON in a file that is replaced as a whole; to a large one, changes are appended if its owner wants that,
 * until they are half as long as the whole, or the file is closed. A damaged file is set aside. A failed write is reported once,
 * and once more when it has succeeded; meanwhile the value is kept in memory and written again every {@link RETRY_MS}. A file
 * that exists but cannot be read is reported in the same way and left unchanged for {@link MAX_UNREAD_MS}; then it is set
 * aside like a damaged one.
 */
export class JsonFile<T> implements Store<T> {
  readonly #options: JsonFileOptions<T>;
  readonly #unsaved: Map<string, string>;
  #cancelRetry: (() => void) | null = null;
  #isClosed = false;
  /** Since when the file could not be read (epoch ms); null while it can. */
  #unreadSince: number | null = null;
  /** Null while the file has to be written as a whole. */
  #written: Written<T> | null = null;

  constructor(options: JsonFileOptions<T>) {
    this.#options = options;
    this.#unsaved = options.unsaved ?? new Map<string, string>();
  }

  get isUnread(): boolean {
    return this.#unreadSince !== null;
  }

  load(): T | null {
    const { path, parse } = this.#options;
    const unsaved = this.#unsaved.get(path);
    if (unsaved !== undefined) {
      this.#retryLater();
      return parse(unsaved); // newer than the file
    }
    const text = this.#read();
    if (text === null) return null;
    const value = parse(text);
    if (value === null) this.#quarantine('is damaged');
    return value;
  }

  save(value: T): boolean {
    return !this.isUnread && (this.#append(value) || this.#writeWhole(value));
  }

  close(): void {
    this.#isClosed = true;
    this.#retry();
    const written = this.#written;
    // An older release, which may be started next, does not read appended lines.
    if (written !== null && written.bytes > written.wholeBytes) this.#writeWhole(written.value);
    this.#written = null;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  /** Appends what differs from the value in the file. @returns false when the file has to be written as a whole */
  #append(value: T): boolean {
    const written = this.#written;
    if (written === null) return false;
    const changes = changesBetween(written.value, value);
    if (changes === null) return false;
    const { bytes, wholeBytes } = written;
    if (bytes + Buffer.byteLength(changes) >= Math.min(MAX_GROWTH * wholeBytes, MAX_BYTES)) return false;
    const { path } = this.#options;
    const onUnsynced = (): void => {
      const latest = this.#written;
      if (latest !== null) this.#writeWhole(latest.value);
    };
    try {
      const size = changes === '' ? bytes : appendText({ path, text: `${changes}\n`, size: bytes, onUnsynced });
      this.#written = { value, wholeBytes, bytes: size };
      return true;
    } catch {
      return false; // and if the whole cannot be written either, that is reported
    }
  }

  #writeWhole(value: T): boolean {
    const { appendsChanges = false } = this.#options;
    // The line break is synced with the text, so that nothing appended can damage it.
    const bytes = this.#write(`${JSON.stringify(value)}${appendsChanges ? '\n' : ''}`);
    const canAppend = appendsChanges && bytes !== null && bytes >= MIN_BYTES_TO_APPEND;
    this.#written = canAppend ? { value, wholeBytes: bytes, bytes } : null;
    return bytes !== null;
  }

  /** @returns the size of the file in bytes; null when it could not be written */
  #write(text: string): number | null {
    const { path, warn, content } = this.#options;
    const hasFailed = this.#unsaved.has(path);
    let bytes: number;
    try {
      if (text.length > MAX_BYTES) throw new Error(`${text.length} bytes are too many`);
      bytes = replaceFile(path, text);
    } catch (error) {
      this.#unsaved.set(path, text);
      this.#retryLater();
      if (!hasFailed)
        warn(`${content} cannot be stored in ${path}: ${String(error)}; they are kept in memory until it can`);
      return null;
    }
    this.#unsaved.delete(path);
    if (hasFailed) warn(`${content} are stored in ${path} again`);
    return bytes;
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
    const { path, warn, whileUnread, now = Date.now } = this.#options;
    const text = readFileIfPresent(path, MAX_BYTES);
    if (text instanceof Error) {
      if (this.#unreadSince === null) warn(`${path} cannot be read: ${String(text)}; ${whileUnread}`);
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

  #quarantine(reason: string): void {
    const { path, warn, consequence } = this.#options;
    const aside = `${path}.damaged`;
    try {
      renameSync(path, aside);
      warn(`${path} ${reason} and was set aside as ${aside}; ${consequence}`);
    } catch (error) {
      warn(`${path} ${reason}, and cannot be set aside: ${String(error)}; ${consequence}`);
    }
  }
}

/** Keeps a value until the process ends, for a Node-RED without a user directory. */
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

/** A pending retry does not keep the process alive. */
function scheduleUnreferenced(retry: () => void, ms: number): () => void {
  const timer = setTimeout(retry, ms).unref();
  return () => {
    clearTimeout(timer);
  };
}
