import helper from 'node-red-node-test-helper';
import { afterEach } from 'vitest';

// A set-up file, which runs for each file of tests: the modules that those files import are loaded once for all of them.
afterEach(async () => {
  await helper.unload();
  // The helper keeps the settings of a test: a later one would read, and write, the state in the same user directory.
  helper.settings({ userDir: undefined });
});
