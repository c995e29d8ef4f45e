import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readMemory, type Memory } from './memory';

/** Where a memory is kept between two looks, and between two lives of Node-RED. */
export interface MemoryStore {
  /** Null when there is none yet. */
  load(): Memory | null;
  /** Returns when it is safe: whoever calls has just told of what it holds. */
  save(memory: Memory): void;
}

/**
 * A memory on disk, replaced as a whole: written beside, synced, renamed. It is written in the same turn of work as the
 * events it stands for are told: a process that dies in between repeats that one look's events, and loses none.
 * A file that cannot be read is set aside, and the watch begins anew.
 */
export class FileStore implements MemoryStore {
  readonly #path: string;
  readonly #warn: (message: string) => void;

  /** @param warn tells a person that a damaged file was set aside, or that nothing can be written */
  constructor(path: string, warn: (message: string) => void) {
    this.#path = path;
    this.#warn = warn;
  }

  load(): Memory | null {
    const text = this.#read();
    if (text === null) return null;
    const memory = readMemory(text);
    if (memory === null) this.#setAside();
    return memory;
  }

  save(memory: Memory): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      const beside = `${this.#path}.new`;
      const file = openSync(beside, 'w', 0o600);
      try {
        writeSync(file, JSON.stringify(memory));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(beside, this.#path);
    } catch (error) {
      this.#warn(`Which backups were told of cannot be stored in ${this.#path}: ${String(error)}`);
    }
  }

  #read(): string | null {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#warn(`${this.#path} cannot be read: ${String(error)}`);
      return null;
    }
  }

  #setAside(): void {
    const aside = `${this.#path}.damaged`;
    try {
      renameSync(this.#path, aside);
      this.#warn(`${this.#path} is damaged and was set aside as ${aside}; the watch begins anew`);
    } catch (error) {
      this.#warn(`${this.#path} is damaged, and cannot be set aside: ${String(error)}; the watch begins anew`);
    }
  }
}

/** A memory that ends with the process: where Node-RED has no directory of its own. */
export class VolatileStore implements MemoryStore {
  #memory: Memory | null = null;

  load(): Memory | null {
    return this.#memory;
  }

  save(memory: Memory): void {
    this.#memory = memory;
  }
}
