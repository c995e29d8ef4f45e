import { expect, test } from 'vitest';
import { NAS_RULES } from '../../src/settings/nas-settings';
import { problemOf, someOf } from '../../src/settings/rules';

test('some of a few words may be a list or a single word', () => {
  const rule = someOf(['failed', 'partial']);
  for (const value of [[], ['failed'], ['partial', 'failed'], 'failed', undefined, '${WORDS}']) {
    expect(problemOf(rule, value)).toBeNull();
  }
  expect(problemOf(rule, ['failed', 'martian'])).toEqual({
    key: 'problem.word',
    values: { word: 'martian' },
    reason: 'must be some of failed, partial',
  });
});

test('the problem of a number names its range', () => {
  expect(problemOf(NAS_RULES.pollInterval, '3')).toEqual({
    key: 'problem.number',
    values: { min: 5, max: 86400 },
    reason: 'must be a number from 5 to 86400',
  });
});
