import { expect, test } from 'vitest';
import { answerShape } from '../../src/active-backup/answer-shape';

test('the structure of an answer has types and no values', () => {
  expect(answerShape({ total: 3, tasks: [{ task_id: 7, task_name: 'Reception PC', devices: [] }] })).toEqual({
    total: 'number',
    tasks: { 'list of 1': { devices: 'empty list', task_id: 'number', task_name: 'string' } },
  });
});

test('rows that differ have all their fields, those that some rows lack with a question mark', () => {
  const rows = [{ task_id: 1, status: null }, { task_id: '2' }, { task_id: 3, status: 'x' }];
  expect(answerShape({ tasks: rows })).toEqual({
    tasks: { 'list of 3': { task_id: 'number | string', 'status?': 'null | string' } },
  });
});

test('a key that may be a name is counted and not shown', () => {
  const shape = answerShape({ other_params: { 'ANNA-XPS': 1, anna: { host_name: 'x' } }, anna_laptop: true });
  expect(shape).toEqual({ other_params: { 'other fields': '2' }, 'other fields': '1' });
  expect(JSON.stringify(shape)).not.toMatch(/anna/i);
});

test('an answer that is deeper than any of DSM ends', () => {
  let deep: Parameters<typeof answerShape>[0] = 1;
  for (let i = 0; i < 1000; i += 1) deep = { data: deep };
  expect(JSON.stringify(answerShape(deep)).length).toBeLessThan(300);
});
