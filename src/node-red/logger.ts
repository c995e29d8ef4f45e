import type { Node } from 'node-red';
import type { Logger } from '../dsm/request-log';
import type { Store } from '../storage/json-file';

/** Logs through a node: Node-RED adds the node's type and name, and filters by its log level. */
export function loggerOf(node: Node): Logger {
  return {
    debug: (message) => {
      node.debug(message);
    },
    warn: (message) => {
      node.warn(message);
    },
  };
}

/** Logs each successful save. Failed ones are logged by the store. @param what the content, for the log line */
export function logSaves<T>(store: Store<T>, what: string, logger: Logger): Store<T> {
  return {
    load: () => store.load(),
    get isUnread() {
      return store.isUnread;
    },
    save: (value) => {
      const isSaved = store.save(value);
      if (isSaved) logger.debug(`Saved: ${what}`);
      return isSaved;
    },
    close: () => {
      store.close();
    },
  };
}
