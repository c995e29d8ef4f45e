import { describe, expect, test } from 'vitest';
import { CommandValidator } from '../../src/bridge/command-validator';
import type { Incoming } from '../../src/mqtt/mqtt-connection';
import { topicsOf } from '../../src/home-assistant/topics';

const TOPICS = topicsOf('active-backup', 'nas1');
const TASK = TOPICS.task(42).command;
const NOW = Date.parse('2026-10-01T12:00:00Z');

const incoming = (payload: unknown, topic = TASK, retain = false): Incoming => ({
  topic,
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  retain,
  responseTopic: null,
  correlationData: null,
});
/** What a fresh gate says. */
const read = (payload: unknown, topic?: string, retain?: boolean): unknown =>
  new CommandValidator(TOPICS).validate(incoming(payload, topic, retain), NOW);

describe('commands that pass', () => {
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
    expect(read(payload)).toEqual(command);
  });

  test('refresh, of the NAS', () => {
    expect(read('refresh', TOPICS.command)).toEqual({ id: null, action: 'refresh', taskId: null });
  });

  test.each([
    ['milliseconds', NOW - 29_000],
    ['seconds', (NOW - 29_000) / 1000],
    ['fractions of a second', NOW / 1000 - 0.5],
    ['UTC', '2026-10-01T11:59:31Z'],
    ['an offset', '2026-10-01T13:59:59.123456+02:00'],
    ['a clock that goes before', NOW + 29_000],
  ])('fresh by its time stamp in %s', (_, ts) => {
    expect(read({ action: 'backup', ts })).toMatchObject({ action: 'backup', taskId: 42 });
  });

  test('older than usual, when it may be', () => {
    expect(read({ action: 'backup', ts: NOW - 3_599_000, ttl: 3600 })).not.toHaveProperty('reason');
  });
});

describe('commands that do not pass', () => {
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
  ])('%.60j', (payload, refusal) => {
    expect(read(payload)).toEqual(refusal);
  });

  test('one that the broker had kept', () => {
    expect(read({ id: 'x', action: 'backup' }, TASK, true)).toEqual({ id: 'x', action: 'backup', reason: 'retained' });
  });

  test.each(['abc', '0', '-1', '1e3', '1.5', '9'.repeat(16)])('one for task %s', (task) => {
    expect(read('backup', `${TOPICS.root}/task/${task}/command`)).toMatchObject({ reason: 'unknown_task' });
  });

  test('what is for a task is not for the NAS', () => {
    expect(read('backup', TOPICS.command)).toMatchObject({ action: 'backup', reason: 'unknown_action' });
  });
});

test.each([
  ['another topic', 'backup', TOPICS.state],
  ['another NAS', 'backup', topicsOf('active-backup', 'nas2').command],
  ['a topic that only ends like one', 'backup', `${TOPICS.root}/task/1/2/command`],
])('%s is no command', (_, payload, topic) => {
  expect(read(payload, topic)).toBeNull();
});

describe('a gate remembers what it has let through', () => {
  const OTHER = TOPICS.task(43).command;
  const said = (gate: CommandValidator, payload: unknown, atMs: number, topic = TASK): string => {
    const result = gate.validate(incoming(payload, topic), NOW + atMs);
    return result !== null && 'reason' in result ? result.reason : 'passed';
  };

  test('the same action for the same task within five seconds is a repetition', () => {
    const gate = new CommandValidator(TOPICS);
    expect(said(gate, 'backup', 0)).toBe('passed');
    expect(said(gate, 'backup', 4999)).toBe('repeated');
    expect(said(gate, { action: 'backup', id: 'x' }, 4999)).toBe('repeated');
    expect(said(gate, 'cancel', 4999)).toBe('passed');
    expect(said(gate, 'backup', 4999, OTHER)).toBe('passed');
    expect(said(gate, 'backup', 5000)).toBe('passed');
  });

  test('the same id within ten minutes is a repetition, whatever it is for', () => {
    const gate = new CommandValidator(TOPICS);
    expect(said(gate, { action: 'backup', id: 7 }, 0)).toBe('passed');
    expect(said(gate, { action: 'backup', id: '7' }, 599_999)).toBe('repeated');
    expect(said(gate, { action: 'cancel', id: '7' }, 599_999, OTHER)).toBe('repeated');
    expect(said(gate, { action: 'backup', id: 7 }, 600_000)).toBe('passed');
  });

  test('what was refused may come again', () => {
    const gate = new CommandValidator(TOPICS);
    expect(said(gate, { action: 'backup', id: 'x', ts: 1 }, 0)).toBe('stale');
    expect(said(gate, { action: 'backup', id: 'x' }, 1)).toBe('passed');
  });

  test('thirty a minute pass', () => {
    const gate = new CommandValidator(TOPICS);
    const at = (second: number): string => said(gate, 'backup', second * 1000, TOPICS.task(second + 1).command);
    const first = Array.from({ length: 40 }, (_, second) => at(second));
    expect(first).toEqual([...Array<string>(30).fill('passed'), ...Array<string>(10).fill('too_many')]);
    expect(at(59)).toBe('too_many');
    expect(at(60)).toBe('passed');
  });

  test('a clock that was set back makes nothing last longer', () => {
    const gate = new CommandValidator(TOPICS);
    expect(said(gate, { action: 'backup', id: 'x' }, 3_600_000)).toBe('passed');
    expect(said(gate, { action: 'backup', id: 'x' }, 0)).toBe('passed');
  });
});
