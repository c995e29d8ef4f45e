import { describe, expect, test } from 'vitest';
import {
  CommandValidator,
  type Command,
  type CommandTarget,
  type RejectedCommand,
} from '../../src/bridge/command-validator';
import { parseCommandTopic, topicsOf } from '../../src/home-assistant/topics';
import type { ReceivedMessage } from '../../src/mqtt/types';

const TOPICS = topicsOf('active-backup', 'nas1');
const TASK = TOPICS.task(42).command;
const NOW = Date.parse('2026-10-01T12:00:00Z');

const messageOf = (payload: unknown, topic = TASK, retain = false): ReceivedMessage => ({
  topic,
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  retain,
  responseTopic: null,
  correlationData: null,
});
/** The result of a validator without earlier commands. */
const validate = (payload: unknown, topic = TASK, retain?: boolean): Command | RejectedCommand =>
  new CommandValidator().validate(messageOf(payload, topic, retain), targetOf(topic), NOW);
const targetOf = (topic: string): CommandTarget => parseCommandTopic(TOPICS, topic)!;

describe('valid commands', () => {
  test.each([
    ['backup', { id: null, action: 'backup', taskId: 42 }],
    [' cancel\n', { id: null, action: 'cancel', taskId: 42 }],
    [{ action: 'backup' }, { id: null, action: 'backup', taskId: 42 }],
    [
      { action: ' backup ', id: null, ts: null, ttl: null },
      { id: null, action: 'backup', taskId: 42 },
    ],
    [
      { action: 'cancel', id: 'a b', more: { of: 'it' } },
      { id: 'a b', action: 'cancel', taskId: 42 },
    ],
    [
      { action: 'cancel', id: 7 },
      { id: '7', action: 'cancel', taskId: 42 },
    ],
    [
      { action: 'cancel', id: 'x'.repeat(128) },
      { id: 'x'.repeat(128), action: 'cancel', taskId: 42 },
    ],
  ])('%j', (payload, command) => {
    expect(validate(payload)).toEqual(command);
  });

  test('refresh for the NAS', () => {
    expect(validate('refresh', TOPICS.command)).toEqual({ id: null, action: 'refresh', taskId: null });
  });

  test.each([
    ['milliseconds', NOW - 29_000],
    ['seconds', (NOW - 29_000) / 1000],
    ['fractions of a second', NOW / 1000 - 0.5],
    ['UTC', '2026-10-01T11:59:31Z'],
    ['an offset', '2026-10-01T13:59:59.123456+02:00'],
    ['the future, within the limit', NOW + 29_000],
  ])('not too old by a time stamp in %s', (_, ts) => {
    expect(validate({ action: 'backup', ts })).toMatchObject({ action: 'backup', taskId: 42 });
  });

  test('with a longer ttl', () => {
    expect(validate({ action: 'backup', ts: NOW - 3_599_000, ttl: 3600 })).not.toHaveProperty('reason');
  });
});

describe('invalid commands', () => {
  test.each([
    ['start', { id: null, action: 'start', reason: 'unknown_action' }],
    ['refresh', { id: null, action: 'refresh', reason: 'unknown_action' }],
    ['BACKUP', { id: null, action: 'BACKUP', reason: 'unknown_action' }],
    [
      { action: 'delete', id: 'x' },
      { id: 'x', action: 'delete', reason: 'unknown_action' },
    ],
    [{ action: '__proto__' }, { id: null, action: '__proto__', reason: 'unknown_action' }],
    ['', { id: null, action: null, reason: 'malformed' }],
    ['  ', { id: null, action: null, reason: 'malformed' }],
    ['back up', { id: null, action: null, reason: 'malformed' }],
    ['"backup"', { id: null, action: null, reason: 'malformed' }],
    ['["backup"]', { id: null, action: null, reason: 'malformed' }],
    ['{"action":"backup"', { id: null, action: null, reason: 'malformed' }],
    ['\0', { id: null, action: null, reason: 'malformed' }],
    [{ id: 'x' }, { id: 'x', action: null, reason: 'malformed' }],
    [
      { id: 'x', action: 1 },
      { id: 'x', action: null, reason: 'malformed' },
    ],
    [
      { id: {}, action: 'backup' },
      { id: null, action: 'backup', reason: 'malformed' },
    ],
    [
      { id: '', action: 'backup' },
      { id: null, action: 'backup', reason: 'malformed' },
    ],
    [
      { id: 'x'.repeat(129), action: 'backup' },
      { id: null, action: 'backup', reason: 'malformed' },
    ],
    [
      { id: 'x', action: 'backup', ts: 'now' },
      { id: 'x', action: 'backup', reason: 'malformed' },
    ],
    [
      { id: 'x', action: 'backup', ts: -1 },
      { id: 'x', action: 'backup', reason: 'malformed' },
    ],
    [
      { id: 'x', action: 'backup', ts: '2026-10-01T12:00:00' },
      { id: 'x', action: 'backup', reason: 'malformed' },
    ],
    [
      { id: 'x', action: 'backup', ts: '2026-13-01T12:00:00Z' },
      { id: 'x', action: 'backup', reason: 'malformed' },
    ],
    [
      { id: 'x', action: 'backup', ttl: 0 },
      { id: 'x', action: 'backup', reason: 'malformed' },
    ],
    [
      { id: 'x', action: 'backup', ttl: '30' },
      { id: 'x', action: 'backup', reason: 'malformed' },
    ],
    [
      { id: 'x', action: 'backup', ts: NOW - 30_001 },
      { id: 'x', action: 'backup', reason: 'stale' },
    ],
    [
      { id: 'x', action: 'backup', ts: NOW + 30_001 },
      { id: 'x', action: 'backup', reason: 'stale' },
    ],
    [
      { id: 'x', action: 'backup', ts: NOW - 5001, ttl: 5 },
      { id: 'x', action: 'backup', reason: 'stale' },
    ],
    [
      { id: 'x', action: 'backup', ts: NOW - 3_600_001, ttl: 1e9 },
      { id: 'x', action: 'backup', reason: 'stale' },
    ],
    [
      { id: 'x', action: 'backup', ts: 0 },
      { id: 'x', action: 'backup', reason: 'stale' },
    ],
    ['x'.repeat(1025), { id: null, action: null, reason: 'too_large' }],
    ['ä'.repeat(513), { id: null, action: null, reason: 'too_large' }],
  ])('%.60j', (payload, rejected) => {
    expect(validate(payload)).toEqual(rejected);
  });

  test('a retained message', () => {
    expect(validate({ id: 'x', action: 'backup' }, TASK, true)).toEqual({
      id: 'x',
      action: 'backup',
      reason: 'retained',
    });
  });

  test.each(['abc', '0', '-1', '1e3', '1.5', '9'.repeat(16)])('a command for task %s', (task) => {
    expect(validate('backup', `${TOPICS.root}/task/${task}/command`)).toMatchObject({ reason: 'unknown_task' });
  });

  test('an action of tasks for the NAS', () => {
    expect(validate('backup', TOPICS.command)).toMatchObject({ action: 'backup', reason: 'unknown_action' });
  });
});

test.each([
  ['a state topic', TOPICS.state],
  ['a topic of another NAS', topicsOf('active-backup', 'nas2').command],
  ['a topic with more levels', `${TOPICS.root}/task/1/2/command`],
])('a message on %s is no command', (_, topic) => {
  expect(parseCommandTopic(TOPICS, topic)).toBeNull();
});

describe('after accepted commands', () => {
  const OTHER = TOPICS.task(43).command;
  const resultOf = (validator: CommandValidator, payload: unknown, atMs: number, topic = TASK): string => {
    const result = validator.validate(messageOf(payload, topic), targetOf(topic), NOW + atMs);
    return 'reason' in result ? result.reason : 'accepted';
  };

  test('the same action for the same task within five seconds is rejected as repeated', () => {
    const validator = new CommandValidator();
    expect(resultOf(validator, 'backup', 0)).toBe('accepted');
    expect(resultOf(validator, 'backup', 4999)).toBe('repeated');
    expect(resultOf(validator, { action: 'backup', id: 'x' }, 4999)).toBe('repeated');
    expect(resultOf(validator, 'cancel', 4999)).toBe('accepted');
    expect(resultOf(validator, 'backup', 4999, OTHER)).toBe('accepted');
    expect(resultOf(validator, 'backup', 5000)).toBe('accepted');
  });

  test('the same id within ten minutes is rejected as repeated, whatever its task and action', () => {
    const validator = new CommandValidator();
    expect(resultOf(validator, { action: 'backup', id: 7 }, 0)).toBe('accepted');
    expect(resultOf(validator, { action: 'backup', id: '7' }, 599_999)).toBe('repeated');
    expect(resultOf(validator, { action: 'cancel', id: '7' }, 599_999, OTHER)).toBe('repeated');
    expect(resultOf(validator, { action: 'backup', id: 7 }, 600_000)).toBe('accepted');
  });

  test('a rejected command may be sent again', () => {
    const validator = new CommandValidator();
    expect(resultOf(validator, { action: 'backup', id: 'x', ts: 1 }, 0)).toBe('stale');
    expect(resultOf(validator, { action: 'backup', id: 'x' }, 1)).toBe('accepted');
  });

  test('thirty commands per minute are accepted', () => {
    const validator = new CommandValidator();
    const at = (second: number): string =>
      resultOf(validator, 'backup', second * 1000, TOPICS.task(second + 1).command);
    const first = Array.from({ length: 40 }, (_, second) => at(second));
    expect(first).toEqual([...Array<string>(30).fill('accepted'), ...Array<string>(10).fill('too_many')]);
    expect(at(59)).toBe('too_many');
    expect(at(60)).toBe('accepted');
  });

  test('a clock that is set back ends the limits', () => {
    const validator = new CommandValidator();
    expect(resultOf(validator, { action: 'backup', id: 'x' }, 3_600_000)).toBe('accepted');
    expect(resultOf(validator, { action: 'backup', id: 'x' }, 0)).toBe('accepted');
  });
});
