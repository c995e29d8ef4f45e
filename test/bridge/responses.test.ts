import { expect, test } from 'vitest';
import type { ReceivedMessage } from '../../src/mqtt/types';
import { commandLine, responseMessages, type CommandResponse } from '../../src/bridge/responses';
import { topicsOf } from '../../src/home-assistant/topics';

const TOPICS = topicsOf('home/active-backup', 'nas1');
const RESPONSE: CommandResponse = {
  id: 'x',
  action: 'backup',
  status: 'done',
  reason: null,
  code: null,
  ts: '2026-10-01T12:00:00.000Z',
};
const OWN = 'home/active-backup/nas1/task/42/response';
const CORRELATION = Buffer.from('which');

const topicsOfResponse = (responseTopic: string | null, topic = TOPICS.task(42).command): string[] => {
  const command: ReceivedMessage = {
    topic,
    payload: Buffer.from('x'),
    retain: false,
    responseTopic,
    correlationData: null,
  };
  return responseMessages(RESPONSE, command, TOPICS, 'discovery').map((message) => message.topic);
};

test('a response is published next to its command and to the response topic of its sender, with the correlation data', () => {
  const command = {
    topic: TOPICS.task(42).command,
    payload: Buffer.from('backup'),
    retain: false,
    responseTopic: 'me/answers',
    correlationData: CORRELATION,
  };
  const payload = JSON.stringify(RESPONSE);
  expect(responseMessages(RESPONSE, command, TOPICS, 'discovery')).toEqual([
    { topic: OWN, payload, retain: false },
    { topic: 'me/answers', payload, retain: false, correlationData: CORRELATION },
  ]);
  expect(responseMessages(RESPONSE, { ...command, responseTopic: OWN }, TOPICS, 'discovery')).toEqual([
    { topic: OWN, payload, retain: false, correlationData: CORRELATION },
  ]);
});

test.each([
  [TOPICS.command, 'home/active-backup/nas1/response'],
  [`${TOPICS.root}/task/no-number/command`, 'home/active-backup/nas1/task/no-number/response'],
])('a command on %s has its response on %s', (topic, own) => {
  expect(topicsOfResponse(null, topic)).toEqual([own]);
});

test.each(['me/answers', 'home', 'home/active-backup2/nas1/command', 'discovery2/x', TOPICS.response])(
  'a response may be published to %s',
  (topic) => {
    expect(topicsOfResponse(topic)).toEqual([OWN, topic]);
  },
);

test.each([
  '',
  'a/#',
  'a/+/b',
  'a\0b',
  '$SYS/broker',
  '$CONTROL/dynamic-security/v1',
  'x'.repeat(65_536),
  TOPICS.root,
  TOPICS.bridge,
  TOPICS.command,
  TOPICS.task(1).command,
  TOPICS.task(1).state,
  `${TOPICS.root}/a/response`,
  'home/active-backup/nas2/task/1/command',
  'home/active-backup/nas2/task/1/response',
  'home/active-backup',
  'discovery/device/x/config',
  'discovery',
  'homeassistant/status',
])('a response is never published to %.60j', (topic) => {
  expect(topicsOfResponse(topic)).toEqual([OWN]);
});

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
])('the log line of a command: $line', ({ action, status, reason, code, taskId, line }) => {
  expect(commandLine({ id: 'planted', action, status, reason, code, ts: '' }, taskId)).toBe(line);
});
