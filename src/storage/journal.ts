import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readFileIfPresent, replaceFile } from './text-file';

/** Options of a {@link Journal}. */
export interface JournalOptions {
  readonly path: string;
  /** All lines that are still needed, without line breaks: the content of the file after {@link Journal.rewrite}. */
  readonly lines: () => readonly string[];
  /** Receives a line for the user, once: the file cannot be written or read. */
  readonly warn: (message: string) => void;
  /** Name of the content in messages: the subject of a sentence in the plural. */
  readonly content: string;
  /** ms from a failed write to the next attempt. */
  readonly retryMs?: number;
}

const RETRY_MS = 10_000;
/** A file is rewritten when it exceeds this size in bytes plus twice its size after the last rewrite. */
const MIN_BYTES_TO_REWRITE = 256 * 1024;

/** By path: the lines of closed journals that could not be written. The next journal of this process continues with them. */
const UNWRITTEN = new Map<string, readonly string[]>();

/**
 * A file to which lines are appended, and which is rewritten as a whole when most of it is no longer needed. A line is in
 * the file when {@link append} returns, so a killed process loses none; it is synced to the disk in the next microtask, many
 * lines at once, after which a power cut loses none either. While the file cannot be written its owner keeps the lines, and
 * the whole file is written as soon as possible, also by the next journal of the same process.
 */
export class Journal {
  readonly #options: JournalOptions;
  #file: number | null = null;
  /** Length of the complete lines of the file, in bytes. */
  #bytes = 0;
  /** Length of the file after the last rewrite, in bytes. */
  #bytesAtRewrite = 0;
  #isUnsynced = false;
  #isClosed = false;
  #isUnread = false;
  /** Whether it was closed while the file lacked lines. */
  #isClosedIncomplete = false;
  /** The timer of the next attempt while the file lacks lines that could not be written; else null. */
  #retry: NodeJS.Timeout | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /**
   * The lines of the file, without an incomplete last one of a killed process. A file that exists but cannot be read yields
   * no lines and is not written by this journal, because that would replace unread lines. Instead of the file come the lines that
   * an earlier journal of this process could not write.
   */
  load(): readonly string[] {
    const { path, warn, content } = this.#options;
    const unwritten = UNWRITTEN.get(path);
    if (unwritten !== undefined) {
      UNWRITTEN.delete(path);
      this.#retryLater();
      return unwritten;
    }
    const text = readFileIfPresent(path) ?? '';
    if (text instanceof Error) {
      this.#isUnread = true;
      warn(`${path} cannot be read, so ${content.toLowerCase()} are not stored until the next deploy: ${String(text)}`);
      return [];
    }
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.#bytes = Buffer.byteLength(whole);
    return whole.split('\n').slice(0, -1);
  }

  /**
   * @param line without a line break
   * @param isLasting false: a power cut may lose the line, a killed process does not
   */
  append(line: string, { isLasting = true } = {}): void {
    if (this.#retry !== null || this.#isClosed || this.#isUnread) return;
    try {
      this.#file ??= this.#open();
      this.#write(this.#file, `${line}\n`);
      if (isLasting) this.#syncSoon();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#bytes > MIN_BYTES_TO_REWRITE + 2 * this.#bytesAtRewrite) this.rewrite();
  }

  /** Whether each line of the owner is in the file; false while it cannot be written or read. */
  get isComplete(): boolean {
    return this.#retry === null && !this.#isUnread && !this.#isClosedIncomplete;
  }

  /** Replaces the file by one that contains only the lines still needed. */
  rewrite(): void {
    if (this.#isUnread) return;
    const { path, lines } = this.#options;
    const text = lines()
      .map((line) => `${line}\n`)
      .join('');
    try {
      this.#close();
      replaceFile(path, text);
      this.#bytes = Buffer.byteLength(text);
      this.#bytesAtRewrite = this.#bytes;
      this.#recovered();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Closes and deletes the file. */
  discard(): void {
    UNWRITTEN.delete(this.#options.path);
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#isClosed = true;
    this.#close();
    rmSync(this.#options.path, { force: true });
  }

  /** Closes the file for good, after a last attempt to write missing lines; the next journal of this process gets them otherwise. */
  close(): void {
    if (this.#retry !== null) this.rewrite();
    if (this.#retry !== null) {
      clearTimeout(this.#retry);
      UNWRITTEN.set(this.#options.path, this.#options.lines());
      this.#isClosedIncomplete = true;
    }
    this.#retry = null;
    this.#isClosed = true;
    this.#close();
  }

  #open(): number {
    const { path } = this.#options;
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'a', 0o600);
    // An incomplete line of a killed process would damage the next line.
    if (fstatSync(file).size !== this.#bytes) ftruncateSync(file, this.#bytes);
    return file;
  }

  #write(file: number, text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    } catch (error) {
      ftruncateSync(file, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
  }

  #syncSoon(): void {
    if (this.#isUnsynced) return;
    this.#isUnsynced = true;
    queueMicrotask(() => {
      this.#sync();
    });
  }

  #sync(): void {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    try {
      if (this.#file !== null) fsyncSync(this.#file);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { path, warn, content } = this.#options;
    if (this.#retry !== null) {
      this.#retry.refresh();
      return;
    }
    warn(`${content} cannot be stored in ${path}, and would be lost if Node-RED ended now: ${String(error)}`);
    this.#retryLater();
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => {
      this.rewrite();
    }, this.#options.retryMs ?? RETRY_MS).unref();
  }

  #recovered(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  #close(): void {
    this.#sync();
    if (this.#file === null) return;
    const file = this.#file;
    this.#file = null;
    closeSync(file);
  }
}
