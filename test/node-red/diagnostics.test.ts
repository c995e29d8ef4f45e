import { expect, test } from 'vitest';
import type { CommandResponse } from '../../src/bridge/responses';
import { commandLine } from '../../src/node-red/diagnostics';

test.each<Omit<CommandResponse, 'id' | 'ts'> & { taskId: number | null; line: string }>([
  { action: 'backup', status: 'done', reason: null, code: null, taskId: 3, line: 'Command backup for task 3: done' },
  {
    ...{ action: 'cancel', status: 'rejected', reason: 'not_running', code: null, taskId: 3 },
    line: 'Command cancel for task 3: rejected, not_running',
  },
  {
    ...{ action: 'backup', status: 'error', reason: 'Planted words', code: 'EABB', taskId: 1 },
    line: 'Command backup for task 1: error, EABB',
  },
  {
    ...{ action: 'hunter2', status: 'rejected', reason: 'unknown_action', code: null, taskId: null },
    line: 'Command ?: rejected, unknown_action',
  },
])('$line', ({ action, status, reason, code, taskId, line }) => {
  expect(commandLine({ id: 'planted', action, status, reason, code, ts: '' }, taskId)).toBe(line);
});
