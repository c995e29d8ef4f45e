import { InMemoryStore, JsonFile, type JsonContent, type JsonFileOptions, type Store } from '../storage/json-file';
import { parseMonitorState, type MonitorState } from './monitor-state';

/** Where a memory is kept between two looks, and between two lives of Node-RED. */
export interface StateStore {
  load(): MonitorState | null;
  /** Whether nobody knows what is stored, since it could not be read; missing: never. See {@link Store}. */
  readonly isUnread?: boolean;
  save(memory: MonitorState): void;
}

/** What the file of a memory is. */
export const MEMORY_FILE = {
  read: parseMonitorState,
  what: 'Which backups were told of',
  otherwise: 'the watch begins anew',
  untilRead: 'until it can be, no event is reported, and none is lost',
} as const satisfies JsonContent<MonitorState>;

/**
 * A memory on disk. It is written when those who were told of the events it stands for have had their turn: a process that
 * dies in between repeats that one look's events, and loses none.
 */
export class FileStateStore extends JsonFile<MonitorState> {
  /** @param warn tells a person that a damaged file was set aside, or that nothing can be written */
  constructor(path: string, warn: (message: string) => void, more: Partial<JsonFileOptions<MonitorState>> = {}) {
    super({ ...MEMORY_FILE, path, warn, ...more });
  }
}

/** A memory that ends with the process: where Node-RED has no directory of its own. */
export class InMemoryStateStore extends InMemoryStore<MonitorState> implements Store<MonitorState> {}
