import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: the folder with package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
