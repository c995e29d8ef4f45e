import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readIfThere } from './read-file';
import { replaceFile } from './replace-file';

/** What a journal is kept in, and what it is made anew from. */
export interface JournalOptions {
  readonly path: string;
  /** Every line that is still needed, without its end: what the file holds after {@link Journal.rewrite}. */
  readonly lines: () => readonly string[];
  /** Reports to a person, once, that nothing can be written. */
  readonly warn: (message: string) => void;
  /** What is in it, as the subject of a sentence in the plural. */
  readonly what: string;
  /** ms from a write that failed to the next try. */
  readonly retryMs?: number;
}

const RETRY_MS = 60_000;
/** A file of so many bytes, and twice what is needed of it, is made anew. */
const SMALLEST_TO_REWRITE = 256 * 1024;

/**
 * A file to which lines are appended, and which is made anew as a whole when most of it is no longer needed. A line is in
 * the file when {@link append} returns, so a process that is killed loses none; it is on the disk in the microtask after,
 * many at once, which a power cut cannot undo. While the disk takes nothing the lines are kept by their owner, and the whole
 * is written as soon as that is possible.
 */
export class Journal {
  readonly #options: JournalOptions;
  #file: number | null = null;
  /** Length of the file, in bytes, as far as its lines are whole. */
  #bytes = 0;
  /** Length of the file when it was last made anew. */
  #bytesAtRewrite = 0;
  #isUnsynced = false;
  #isClosed = false;
  #isUnread = false;
  /** Set while the file lacks lines that could not be written. */
  #retry: NodeJS.Timeout | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /**
   * The lines of the file; a last one that was cut off by the end of its process is left out. From a file that cannot be read
   * there are none, and nothing is written to it by this journal: it would replace what nobody has seen.
   */
  load(): readonly string[] {
    const { path, warn, what } = this.#options;
    const text = readIfThere(path) ?? '';
    if (text instanceof Error) {
      this.#isUnread = true;
      warn(`${path} cannot be read, so ${what.toLowerCase()} are not stored until the next deploy: ${String(text)}`);
      return [];
    }
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.#bytes = Buffer.byteLength(whole);
    return whole.split('\n').slice(0, -1);
  }

  /**
   * @param line without a line break
   * @param isLasting false for a line that may be lost with the power, though not with the process
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
    if (this.#bytes > SMALLEST_TO_REWRITE + 2 * this.#bytesAtRewrite) this.rewrite();
  }

  /** Replaces the file by one with the lines that are needed. */
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

  /** Lets go of the file and deletes it: nobody wants its lines any more. */
  discard(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#isClosed = true;
    this.#close();
    rmSync(this.#options.path, { force: true });
  }

  /** Writes what could not be written before, if that is possible now, and lets go of the file for good. */
  close(): void {
    if (this.#retry !== null) this.rewrite();
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#isClosed = true;
    this.#close();
  }

  #open(): number {
    const { path } = this.#options;
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'a', 0o600);
    // What a killed process has left of a line would spoil the next one.
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
    const { path, warn, what, retryMs = RETRY_MS } = this.#options;
    if (this.#retry !== null) {
      this.#retry.refresh();
      return;
    }
    warn(`${what} cannot be stored in ${path}, and would be lost if Node-RED ended now: ${String(error)}`);
    this.#retry = setTimeout(() => {
      this.rewrite();
    }, retryMs).unref();
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
