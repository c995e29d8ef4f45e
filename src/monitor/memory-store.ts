import { InMemoryStore, JsonFile, type JsonContent, type JsonFileOptions, type Store } from '../storage/json-file';
import { readMemory, type Memory } from './memory';

/** Where a memory is kept between two looks, and between two lives of Node-RED. */
export interface MemoryStore {
  load(): Memory | null;
  /** Whether nobody knows what is stored, since it could not be read; missing: never. See {@link Store}. */
  readonly isUnread?: boolean;
  save(memory: Memory): void;
}

/** What the file of a memory is. */
export const MEMORY_FILE = {
  read: readMemory,
  what: 'Which backups were told of',
  otherwise: 'the watch begins anew',
  untilRead: 'until it can be, no event is reported, and none is lost',
} as const satisfies JsonContent<Memory>;

/**
 * A memory on disk. It is written when those who were told of the events it stands for have had their turn: a process that
 * dies in between repeats that one look's events, and loses none.
 */
export class FileStore extends JsonFile<Memory> {
  /** @param warn tells a person that a damaged file was set aside, or that nothing can be written */
  constructor(path: string, warn: (message: string) => void, more: Partial<JsonFileOptions<Memory>> = {}) {
    super({ ...MEMORY_FILE, path, warn, ...more });
  }
}

/** A memory that ends with the process: where Node-RED has no directory of its own. */
export class VolatileStore extends InMemoryStore<Memory> implements Store<Memory> {}
