import { describe, expect, test } from 'vitest';
import { bridgeSettings, type BridgeDef } from '../../src/node-red/mqtt-bridge';
import {
  BRIDGE_FLAGS,
  BRIDGE_RULES,
  BRIDGE_TOPICS,
  BRIDGE_WORDS,
  bridgeLanguageFor,
} from '../../src/settings/bridge-settings';
import { problemOf, type Rule } from '../../src/settings/rules';
import { isAccepted } from './support';

const DEF = { id: 'n', type: 'active-backup-mqtt-bridge', z: '', name: '', nas: 'nas' };
/** Whether the runtime accepts a bridge with these properties. */
const runtimeAccepts = (properties: Partial<BridgeDef>): boolean =>
  isAccepted(() => bridgeSettings({ ...DEF, ...properties }));

describe('the dialog accepts the same values as the runtime', () => {
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
    for (const property of ['baseTopic', 'discoveryPrefix'] as const)
      expect(problemOf(BRIDGE_RULES[property], topic) === null, property).toBe(runtimeAccepts({ [property]: topic }));
  });

  test.each(['', ' ', '1930pdn000000', 'My-NAS_1', 'a'.repeat(64), 'a'.repeat(65), 'büro', 'a/b', 'a b', '+', '#'])(
    'as id: %j',
    (nasId) => {
      expect(problemOf(BRIDGE_RULES.nasId, nasId) === null).toBe(runtimeAccepts({ nasId }));
    },
  );

  test.each(Object.entries(BRIDGE_WORDS))('as %s', (property, { words }) => {
    const rule = BRIDGE_RULES[property as keyof typeof BRIDGE_WORDS];
    for (const word of [...words, '', undefined, 'none of them', words[0].toUpperCase()])
      expect(problemOf(rule, word) === null, word).toBe(runtimeAccepts({ [property]: word }));
  });
});

test('the dialog starts with the defaults of the runtime', () => {
  const presets = Object.entries(BRIDGE_WORDS).map(([property, entry]) => [property, entry.default]);
  expect(bridgeSettings(DEF)).toEqual({
    ...BRIDGE_TOPICS,
    ...BRIDGE_FLAGS,
    ...Object.fromEntries(presets),
    nasId: '',
  });
});

test.each<[Rule<unknown>, string, string]>([
  [BRIDGE_RULES.baseTopic, 'a/+', 'problem.topic.wildcard'],
  [BRIDGE_RULES.baseTopic, '/a', 'problem.topic.level'],
  [BRIDGE_RULES.baseTopic, '$SYS/a', 'problem.topic.dollar'],
  [BRIDGE_RULES.baseTopic, 'a\u0007', 'problem.invisible'],
  [BRIDGE_RULES.baseTopic, 'a'.repeat(201), 'problem.topic.length'],
  [BRIDGE_RULES.nasId, 'my nas', 'problem.nasId'],
])('each problem has its own text: %#', (rule, text, key) => expect(problemOf(rule, text)).toMatchObject({ key }));

test.each(['${TOPIC}', '$(TOPIC)'])('an environment variable is valid: %j', (text) => {
  expect([problemOf(BRIDGE_RULES.baseTopic, text), problemOf(BRIDGE_RULES.nasId, text)]).toEqual([null, null]);
});

test.each([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE', 'de'],
  ['en-US', 'en'],
  ['fr', 'en'],
  ['', 'en'],
])('in an editor in %j a new bridge has names in %s', (editor, language) => {
  expect(bridgeLanguageFor(editor)).toBe(language);
});
