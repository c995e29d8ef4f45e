import { expect, test } from 'vitest';
import { operationLabel } from '../../../src/editor/operation/operation-label';

test.each<[string, unknown[], string]>([
  ['list', [], 'list'],
  ['list', [[], [], [], ''], 'list'],
  ['list', [[], [], ['failed']], 'list · failed'],
  ['list', [['pc'], undefined, ['failed', 'partial'], 'PC-*'], 'list · pc, failed, partial, PC-*'],
  ['list_with_device', ['vm', 5, null], 'list_with_device · vm'],
])('the label of a node with operation %s and details %j is %s', (operation, details, label) => {
  expect(operationLabel(operation, details)).toBe(label);
});

test('a long label is cut', () => {
  expect(operationLabel('list', ['x'.repeat(200)])).toHaveLength(40);
});
