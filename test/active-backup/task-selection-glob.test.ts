import { expect, test } from 'vitest';
import { matchesGlob } from '../../src/active-backup/task-selection';

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'anything', true],
  ['?', '', false],
  ['?', 'x', true],
  ['?', 'xy', false],
  ['PC-*', 'pc-anna', true],
  ['PC-*', 'my PC-anna', false],
  ['*-Default', 'peterm-Default', true],
  ['*-Default', 'peterm-Default-2', false],
  ['a*b*c', 'aXXbYYc', true],
  ['a*b*c', 'aXXcYYb', false],
  ['*ab', 'aab', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['**', 'x', true],
  ['a**', 'a', true],
  ['a.c', 'abc', false],
  ['a.c', 'a.c', true],
  ['[ab]', 'a', false],
  ['[ab]', '[ab]', true],
  ['(x|y)+$^\\', '(x|y)+$^\\', true],
  ['*', 'a*b', true],
  ['a*b', 'a*b', true],
  ['ÄRZTE*', 'ärzte-pc', true],
  ['u\u0308ber', '\u00fcber', true],
  ['?-pc', '😀-pc', true],
  ['a\nb', 'a\nb', true],
  ['a*b', 'a\nb', true],
])('%j matches %j: %s', (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

test('a hostile pattern takes at most pattern × text steps', () => {
  const text = 'a'.repeat(2000);
  const started = performance.now();
  expect(matchesGlob('*a'.repeat(200) + 'b', text)).toBe(false);
  expect(matchesGlob('a*'.repeat(200) + 'b', text)).toBe(false);
  expect(matchesGlob('*?'.repeat(200) + 'b', text)).toBe(false);
  // A matcher that backtracks to earlier stars would never finish.
  expect(performance.now() - started).toBeLessThan(2000);
});
