import helper from 'node-red-node-test-helper';
import { afterEach } from 'vitest';

// A set-up file, which runs for each file of tests: the modules that those files import are loaded once for all of them.
afterEach(async () => {
  await helper.unload();
});
