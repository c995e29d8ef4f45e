import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Resolves modules from the Node-RED that the tests run: the one in the folder `NODE_RED_FOLDER`, which
 * `npm run test:node-red` sets, else the development dependency.
 */
export const nodeRedRequire = createRequire(
  process.env.NODE_RED_FOLDER ? join(process.env.NODE_RED_FOLDER, 'package.json') : import.meta.url,
);
