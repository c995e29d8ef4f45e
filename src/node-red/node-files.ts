import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import { FollowedRequestStore } from '../monitor/followed-request-store';
import { FOLLOWED_REQUESTS_FILE } from '../monitor/followed-requests';
import { InMemoryStore, JsonFile, type JsonContent, type Store } from '../storage/json-file';
import { logSaves, loggerOf } from './logger';

/** Content that could not be written yet, by path: a node that is deployed again continues with it. */
const UNSAVED = new Map<string, string>();

/**
 * Opens a file in which a node keeps its state over restarts; in memory if Node-RED has no user directory. The node closes it.
 * @param suffix see {@link statePath}
 */
export function openStore<T>(RED: NodeAPI, node: Node, file: JsonContent<T>, suffix?: string): Store<T> {
  const path = statePath(RED, node, suffix);
  if (path === null) return new InMemoryStore();
  const warn = (message: string): void => {
    node.warn(message);
  };
  return logSaves(new JsonFile({ ...file, path, warn, unsaved: UNSAVED }), file.content, loggerOf(node));
}

/** Opens the requests that a task-backup node follows. */
export function openFollowedStore(RED: NodeAPI, node: Node): FollowedRequestStore {
  return new FollowedRequestStore({
    store: openStore(RED, node, FOLLOWED_REQUESTS_FILE),
    discard: () => {
      deleteStore(RED, node);
    },
    warn: (message) => {
      node.warn(message);
    },
  });
}

/** Deletes the file of a node that was deleted. Call it after the store was closed. */
function deleteStore(RED: NodeAPI, node: Node): void {
  const path = statePath(RED, node);
  if (path === null) return;
  UNSAVED.delete(path);
  try {
    rmSync(path, { force: true });
  } catch (error) {
    node.warn(`${path} of a deleted node cannot be deleted: ${String(error)}`);
  }
}

/**
 * The path of a node's state file, `active-backup/<id>.json` in Node-RED's user directory; null if there is none.
 * @param suffix of the file name; another one for a second file of the same node
 */
export function statePath(RED: NodeAPI, node: Node, suffix = '.json'): string | null {
  const { userDir } = RED.settings;
  return userDir ? join(userDir, 'active-backup', `${node.id.replace(/[^\w-]/g, '_')}${suffix}`) : null;
}
