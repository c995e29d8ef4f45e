import { expect, test } from 'vitest';
import { copyOf, DsmError, dsmErrorOf, originOf } from '../../src/dsm/errors';

test('an error of another kind becomes one of ours, which shows nothing of its message', () => {
  const error = dsmErrorOf(new TypeError('"hunter2" is not iterable'), 'ERESPONSE', 'It could not be read');
  expect(error).toMatchObject({ code: 'ERESPONSE', message: 'It could not be read (TypeError)' });
  expect(JSON.stringify(error)).not.toContain('hunter2');
  expect(originOf(error)).toMatch(/^TypeError\n\s+at /);
  expect(originOf(error)).not.toContain('hunter2');
  expect(originOf(copyOf(error))).toBe(originOf(error));
});

test.each(['a text', undefined, null, 3])('so does %j, which is no error at all', (thrown) => {
  expect(dsmErrorOf(thrown, 'EPARAM', 'No').code).toBe('EPARAM');
});

test('an error of ours stays what it is', () => {
  const error = new DsmError('EBUSY', 'busy');
  expect(dsmErrorOf(error, 'ERESPONSE', 'x')).toBe(error);
  expect(originOf(error)).toBeNull();
});
