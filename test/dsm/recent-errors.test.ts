import { expect, test } from 'vitest';
import { DsmError } from '../../src/dsm/errors';
import { RecentErrors } from '../../src/dsm/recent-errors';

const cause = (method: string) => ({ api: 'SYNO.X', method, version: 1, code: 105, errors: { name: 'Anna' } });

test('the same error counts, with the time of the latest one; messages are not kept', () => {
  let minutes = 0;
  const errors = new RecentErrors(() => new Date(Date.UTC(2026, 0, 1, 0, minutes++)));
  for (const method of ['list', 'get', 'list']) {
    errors.record(new DsmError('EPERMISSION', 'The NAS nas.lan refused it', cause(method)));
  }
  errors.record(new Error('not of the NAS'));
  expect(errors.latestFirst).toEqual([
    {
      code: 'EPERMISSION',
      call: 'SYNO.X.list',
      dsmCode: 105,
      reason: null,
      count: 2,
      lastAt: '2026-01-01T00:02:00.000Z',
    },
    {
      code: 'EPERMISSION',
      call: 'SYNO.X.get',
      dsmCode: 105,
      reason: null,
      count: 1,
      lastAt: '2026-01-01T00:01:00.000Z',
    },
  ]);
});

test('no more than 20 errors are kept, the latest ones', () => {
  const errors = new RecentErrors();
  for (let i = 0; i < 100; i += 1) errors.record(new DsmError('EABB', 'refused', cause(`m${i}`)));
  expect(errors.latestFirst).toHaveLength(20);
  expect(errors.latestFirst[0]?.call).toBe('SYNO.X.m99');
});
