import { describe, expect, test } from 'vitest';
import { reconnectDelayMs } from '../../src/mqtt/mqtt-connection';
import { filterMatches, isPublishableTopic } from '../../src/mqtt/topic-filter';
import {
  parseCommandTopic,
  configFilter,
  configTopic,
  isEntityStateTopic,
  topicsOf,
} from '../../src/home-assistant/topics';
import { describeProblem } from '../../src/mqtt/connection-problem';

test.each([
  ['a/b', 'a/b', true],
  ['a/b', 'a/c', false],
  ['a/b', 'a/b/c', false],
  ['a/+', 'a/b', true],
  ['a/+', 'a/', true],
  ['a/+', 'a', false],
  ['a/+', 'a/b/c', false],
  ['+/b', 'a/b', true],
  ['a/+/c', 'a/b/c', true],
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['a/#', 'ab', false],
  ['#', 'a/b', true],
  ['#', '$SYS/a', false],
  ['+/a', '$SYS/a', false],
  ['$SYS/#', '$SYS/a', true],
])('the filter %s matches the topic %s: %s', (filter, topic, is) => {
  expect(filterMatches(filter, topic)).toBe(is);
});

test.each([
  ['a/b', true],
  ['/', true],
  ['ä'.repeat(32_767), true],
  ['', false],
  ['a/#', false],
  ['a/+', false],
  ['a\0', false],
  ['ä'.repeat(32_768), false],
])('%.20j is a topic: %s', (text, is) => {
  expect(isPublishableTopic(text)).toBe(is);
});

test.each([
  { failures: 1, least: 1000, most: 2000 },
  { failures: 2, least: 2000, most: 4000 },
  { failures: 4, least: 8000, most: 16_000 },
  { failures: 5, least: 15_000, most: 30_000 },
  { failures: 5000, least: 15_000, most: 30_000 },
  { failures: Infinity, least: 15_000, most: 30_000 },
])('after $failures failures the delay is between $least and $most ms', ({ failures, least, most }) => {
  expect(reconnectDelayMs(failures, 0)).toBe(least);
  expect(reconnectDelayMs(failures, 1)).toBe(most);
});

describe('the description of a problem', () => {
  test.each([
    [{ wasConnected: false, reason: 'ENOTFOUND' }, 'unreachable', 'cannot be found: its name is unknown here'],
    [{ wasConnected: false, reason: 'EWHATEVER' }, 'unreachable', 'cannot be reached (EWHATEVER)'],
    [{ wasConnected: false, reason: 'TIMEOUT' }, 'unreachable', 'did not answer in time'],
    [{ wasConnected: false, reason: 'CERT_HAS_EXPIRED' }, 'tls', 'has an expired certificate'],
    [{ wasConnected: false, reason: 'ERR_OSSL_PEM_NO_START_LINE' }, 'tls', 'check the TLS configuration'],
    [{ wasConnected: false, reason: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'tls', 'has a certificate for another name'],
    [{ wasConnected: false, reason: 151 }, 'refused', 'takes no more connections of this account'],
    [{ wasConnected: false, reason: 158 }, 'refused', 'refused the connection (reason 158)'],
    [{ wasConnected: false, reason: null }, 'refused', 'ended the connection without an answer'],
    [{ wasConnected: false, reason: 'ECONNRESET' }, 'refused', 'ended the connection without an answer'],
    [{ wasConnected: true, reason: 'ECONNRESET' }, 'unreachable', 'broke the connection off'],
    [{ wasConnected: true, reason: null }, 'unreachable', 'ended the connection'],
    [{ wasConnected: true, reason: 142 }, 'taken-over', 'another client with the same client id'],
  ] as const)('%j: %s', (ending, kind, words) => {
    const problem = describeProblem('broker:1883', ending);
    expect(problem.kind).toBe(kind);
    expect(problem.message).toContain(`The MQTT broker broker:1883 ${words}`.slice(0, 25));
    expect(problem.message).toContain(words);
  });
});

describe('topics', () => {
  const topics = topicsOf('a/b', 'nas1');

  test('of one NAS', () => {
    const all = [topics.bridge, topics.connection, topics.state, topics.event, topics.command, topics.response];
    expect(all).toEqual(
      ['bridge', 'connection', 'state', 'event', 'command', 'response'].map((name) => `a/b/nas1/${name}`),
    );
    expect(topics.task(42)).toEqual(
      Object.fromEntries(
        ['state', 'attributes', 'active', 'event', 'command', 'response'].map((name) => [
          name,
          `a/b/nas1/task/42/${name}`,
        ]),
      ),
    );
    expect(topics.storage(3).state).toBe('a/b/nas1/storage/3/state');
    expect(topics.device(4).state).toBe('a/b/nas1/device/4/state');
    expect(configTopic('homeassistant', 'x')).toBe('homeassistant/device/x/config');
    expect(filterMatches(configFilter('homeassistant'), configTopic('homeassistant', 'x'))).toBe(true);
  });

  test('the addressee of a command', () => {
    expect(parseCommandTopic(topics, topics.command)).toBe('nas');
    expect(parseCommandTopic(topics, topics.task(42).command)).toEqual({ taskId: '42' });
    expect(parseCommandTopic(topics, topics.task(42).response)).toBeNull();
    for (const topic of [topics.command, topics.task(42).command]) {
      expect(topics.commands.some((filter) => filterMatches(filter, topic))).toBe(true);
    }
  });

  test('the state topics of items', () => {
    const { state, attributes, active, event, command } = topics.task(42);
    const itemTopics = [state, attributes, active, topics.storage(3).state, topics.device(4).state];
    expect(itemTopics.filter((topic) => isEntityStateTopic(topics, topic))).toEqual(itemTopics);
    const others = [
      event,
      command,
      topics.bridge,
      topics.state,
      'a/b/nas2/task/42/state',
      `${topics.root}/task/x/state`,
    ];
    expect(others.filter((topic) => isEntityStateTopic(topics, topic))).toEqual([]);
  });
});
