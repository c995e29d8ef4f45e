import { expect, test } from 'vitest';
import { copyError, DsmError, dsmErrorOf, originStackOf } from '../../src/dsm/errors';

test('an error of another type becomes a DsmError without its message', () => {
  const error = dsmErrorOf(new TypeError('"hunter2" is not iterable'), 'ERESPONSE', 'It could not be read');
  expect(error).toMatchObject({ code: 'ERESPONSE', message: 'It could not be read (TypeError)' });
  expect(JSON.stringify(error)).not.toContain('hunter2');
  expect(originStackOf(error)).toMatch(/^TypeError\n\s+at /);
  expect(originStackOf(error)).not.toContain('hunter2');
  expect(originStackOf(copyError(error))).toBe(originStackOf(error));
});

test.each(['a text', undefined, null, 3])('so does the thrown value %j', (thrown) => {
  expect(dsmErrorOf(thrown, 'EPARAM', 'No').code).toBe('EPARAM');
});

test('a DsmError is returned unchanged', () => {
  const error = new DsmError('EBUSY', 'busy');
  expect(dsmErrorOf(error, 'ERESPONSE', 'x')).toBe(error);
  expect(originStackOf(error)).toBeNull();
});
