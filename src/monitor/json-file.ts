import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where something is kept between two lives of Node-RED. */
export interface Store<T> {
  /** Null when there is none yet. */
  load(): T | null;
  /** Returns when it is safe. */
  save(value: T): void;
}

/** What a file holds. */
export interface JsonFileOptions<T> {
  readonly path: string;
  /** Null when the text is none, or anything in it is not as it should be. */
  readonly read: (text: string) => T | null;
  /** Tells a person that a damaged file was set aside, or that nothing can be written. */
  readonly warn: (message: string) => void;
  /** What is in it, as the subject of a sentence in the plural. */
  readonly what: string;
  /** What happens without it, as a half-sentence. */
  readonly otherwise: string;
}

/**
 * A value on disk, as JSON, replaced as a whole: written beside, synced, renamed, so a process that dies leaves the old one
 * or the new one. A file that cannot be read is set aside.
 */
export class JsonFile<T> implements Store<T> {
  readonly #options: JsonFileOptions<T>;

  constructor(options: JsonFileOptions<T>) {
    this.#options = options;
  }

  load(): T | null {
    const text = this.#read();
    if (text === null) return null;
    const value = this.#options.read(text);
    if (value === null) this.#setAside();
    return value;
  }

  save(value: T): void {
    const { path, warn, what } = this.#options;
    try {
      mkdirSync(dirname(path), { recursive: true });
      const beside = `${path}.new`;
      const file = openSync(beside, 'w', 0o600);
      try {
        writeSync(file, JSON.stringify(value));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(beside, path);
    } catch (error) {
      warn(`${what} cannot be stored in ${path}: ${String(error)}`);
    }
  }

  #read(): string | null {
    const { path, warn } = this.#options;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`${path} cannot be read: ${String(error)}`);
      return null;
    }
  }

  #setAside(): void {
    const { path, warn, otherwise } = this.#options;
    const aside = `${path}.damaged`;
    try {
      renameSync(path, aside);
      warn(`${path} is damaged and was set aside as ${aside}; ${otherwise}`);
    } catch (error) {
      warn(`${path} is damaged, and cannot be set aside: ${String(error)}; ${otherwise}`);
    }
  }
}

/** A value that ends with the process: where Node-RED has no directory of its own. */
export class Volatile<T> implements Store<T> {
  #value: T | null = null;

  load(): T | null {
    return this.#value;
  }

  save(value: T): void {
    this.#value = value;
  }
}
