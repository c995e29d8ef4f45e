import { describe, expect, test } from 'vitest';
import { httpError } from '../../../src/editor/http/admin-client';
import { parseDashboard } from '../../../src/editor/mqtt/dashboard';

describe('a dashboard', () => {
  test.each([
    [{ ok: true, result: { yaml: 'views: []\n' } } as const, { kind: 'yaml', yaml: 'views: []\n' }],
    [{ ok: true, result: { yaml: ' \n' } } as const, { kind: 'empty' }],
    [
      { ok: false, error: { code: 'ECONFIG', message: 'No NAS', dsmCode: null, reason: null } } as const,
      { kind: 'refused', message: 'No NAS' },
    ],
  ])('is parsed from the response: %j', (response, dashboard) => expect(parseDashboard(response)).toEqual(dashboard));

  test.each([
    [404, false, 'notDeployed'],
    [401, false, 'forbidden'],
    [403, false, 'forbidden'],
    [0, false, 'noAnswer'],
    [500, false, 'noAnswer'],
    [0, true, 'late'],
  ])('is missing after HTTP %i, timeout %j: %s', (status, isTimeout, kind) => {
    expect(parseDashboard({ ok: false, error: httpError(status, isTimeout) })).toEqual({ kind });
  });
});
