import { describe, expect, test } from 'vitest';
import { DsmError } from '../../src/dsm/errors';
import { configTopic, topicsOf } from '../../src/home-assistant/topics';
import { BRIDGE_FLAGS, BRIDGE_PRESETS, BRIDGE_WORDS } from '../../src/editor/mqtt/bridge-options';
import { exampleTopics } from '../../src/editor/mqtt/bridge-topics';
import { dashboardOf, unanswered } from '../../src/editor/mqtt/dashboard';
import { nasIdProblem, topicProblem } from '../../src/editor/mqtt/mqtt-checks';
import { oneOf, type Check } from '../../src/editor/nas/problems';
import { bridgeSettings, type BridgeDef } from '../../src/node-red/mqtt-bridge';

const DEF = { id: 'n', type: 'active-backup-mqtt-bridge', z: '', name: '', nas: 'nas' };
const SERIAL = '<serial number>';

/** What the runtime says of a bridge with these properties. */
function runtimeAccepts(properties: Partial<BridgeDef>): boolean {
  try {
    bridgeSettings({ ...DEF, ...properties });
    return true;
  } catch (error) {
    if (error instanceof DsmError) return false;
    throw error;
  }
}

describe('the dialog accepts what the runtime accepts, no more and no less', () => {
  test.each([
    '',
    'active-backup',
    ' active-backup ',
    'home/backup/büro',
    'a b',
    'a$b',
    'ä'.repeat(100),
    '/',
    '/a',
    'a/',
    'a//b',
    '+',
    'a/+/b',
    '#',
    'a/#',
    'a+b',
    '$SYS',
    '$share/a',
    'a\tb',
    'a\u0000b',
    'ä'.repeat(101),
  ])('as topic: %j', (topic) => {
    for (const property of ['baseTopic', 'discoveryPrefix'])
      expect(topicProblem(topic) === null, property).toBe(runtimeAccepts({ [property]: topic }));
  });

  test.each(['', ' ', '1930pdn000000', 'My-NAS_1', 'a'.repeat(64), 'a'.repeat(65), 'büro', 'a/b', 'a b', '+', '#'])(
    'as id: %j',
    (nasId) => {
      expect(nasIdProblem(nasId) === null).toBe(runtimeAccepts({ nasId }));
    },
  );

  test.each(Object.entries(BRIDGE_WORDS))('as %s', (property, { words }) => {
    for (const word of [...words, '', undefined, 'none of them', words[0].toUpperCase()])
      expect(oneOf(words)(word) === null, word).toBe(runtimeAccepts({ [property]: word }));
  });
});

test('the dialog starts with the defaults of the runtime', () => {
  const presets = Object.entries(BRIDGE_WORDS).map(([property, { preset }]) => [property, preset]);
  expect(bridgeSettings(DEF)).toEqual({
    ...BRIDGE_PRESETS,
    ...BRIDGE_FLAGS,
    ...Object.fromEntries(presets),
    nasId: '',
  });
});

test.each<[Check, string, string]>([
  [topicProblem, 'a/+', 'problem.topic.wildcard'],
  [topicProblem, '/a', 'problem.topic.level'],
  [topicProblem, '$SYS/a', 'problem.topic.dollar'],
  [topicProblem, 'a\u0007', 'problem.invisible'],
  [topicProblem, 'a'.repeat(201), 'problem.topic.length'],
  [nasIdProblem, 'my nas', 'problem.nasId'],
])('what is wrong is said: %#', (check, text, key) => expect(check(text)).toMatchObject({ key }));

test.each(['${TOPIC}', '$(TOPIC)'])('a variable may be anything: %j', (text) => {
  expect([topicProblem(text), nasIdProblem(text)]).toEqual([null, null]);
});

describe('the topics in the dialog', () => {
  const CHOICE = { ...BRIDGE_PRESETS, nasId: '', discovery: true, commands: false };

  test('are those the bridge will use', () => {
    const choice = { ...CHOICE, baseTopic: 'home/backup', nasId: 'attic', discoveryPrefix: 'ha', commands: true };
    const { state, command } = topicsOf('home/backup', 'attic').task(3);
    const discovery = configTopic('ha', 'active_backup_attic_task_3');
    expect(exampleTopics(choice, SERIAL)).toEqual({ state, command, discovery });
  });

  test('have the serial number where nothing is entered, and the defaults', () => {
    expect(exampleTopics({ ...CHOICE, baseTopic: ' ', discoveryPrefix: '' }, SERIAL)).toEqual({
      state: 'active-backup/<serial number>/task/3/state',
      command: null,
      discovery: 'homeassistant/device/active_backup_<serial number>_task_3/config',
    });
  });

  test.each([
    [{ discovery: false }, false, false],
    [{ commands: 'true', discovery: 'false' }, true, false],
    [{ commands: '${COMMANDS}', discovery: '${DISCOVERY}' }, true, true],
  ])('leave out what is off: %j', (changes, hasCommand, hasDiscovery) => {
    const { command, discovery } = exampleTopics({ ...CHOICE, ...changes }, SERIAL);
    expect([command !== null, discovery !== null]).toEqual([hasCommand, hasDiscovery]);
  });
});

describe('a dashboard', () => {
  test.each([
    [{ ok: true, result: { yaml: 'views: []\n' } } as const, { kind: 'yaml', yaml: 'views: []\n' }],
    [{ ok: true, result: { yaml: ' \n' } } as const, { kind: 'empty' }],
    [
      { ok: false, error: { code: 'ECONFIG', message: 'No NAS', dsmCode: null, reason: null } } as const,
      { kind: 'refused', message: 'No NAS' },
    ],
  ])('comes with the answer: %j', (reply, dashboard) => expect(dashboardOf(reply)).toEqual(dashboard));

  test.each([
    [404, false, 'notDeployed'],
    [401, false, 'forbidden'],
    [403, false, 'forbidden'],
    [0, false, 'noAnswer'],
    [500, false, 'noAnswer'],
    [0, true, 'late'],
  ])('does not come with HTTP %i, too late %j: %s', (status, isLate, kind) => {
    expect(unanswered(status, isLate)).toEqual({ kind });
  });
});
