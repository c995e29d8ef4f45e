import { InMemoryStore, JsonFile, type JsonContent, type JsonFileOptions, type Store } from '../storage/json-file';
import { parseMonitorState, type MonitorState } from './monitor-state';

/** Stores the state of a monitor between two polls and over restarts of Node-RED. */
export interface StateStore {
  load(): MonitorState | null;
  /** Whether a stored state exists that could not be read, see {@link Store}; missing: never. */
  readonly isUnread?: boolean;
  save(state: MonitorState): void;
}

/** The state file of a monitor. */
export const STATE_FILE = {
  parse: parseMonitorState,
  content: 'Reported backups',
  consequence: 'monitoring starts again without history',
  whileUnread: 'until it can be, no event is reported, and none is lost',
} as const satisfies JsonContent<MonitorState>;

/** A {@link StateStore} on disk. */
export class FileStateStore extends JsonFile<MonitorState> {
  /** @param warn receives a line for the user: a damaged file was set aside, or the file cannot be read or written */
  constructor(path: string, warn: (message: string) => void, more: Partial<JsonFileOptions<MonitorState>> = {}) {
    super({ ...STATE_FILE, path, warn, ...more });
  }
}

/** A {@link StateStore} that ends with the process, for a Node-RED without a user directory. */
export class InMemoryStateStore extends InMemoryStore<MonitorState> implements Store<MonitorState> {}
