import { describe, expect, test } from 'vitest';
import { exampleTopics } from '../../../src/editor/mqtt/bridge-topics';
import { configTopic, topicsOf } from '../../../src/home-assistant/topics';
import { BRIDGE_TOPICS } from '../../../src/settings/bridge-settings';

const SERIAL = '<serial number>';

describe('the topics in the dialog', () => {
  const FIELDS = { ...BRIDGE_TOPICS, nasId: '', discovery: true, commands: false };

  test('are those that the bridge uses', () => {
    const fields = { ...FIELDS, baseTopic: 'home/backup', nasId: 'attic', discoveryPrefix: 'ha', commands: true };
    const { state, command } = topicsOf('home/backup', 'attic').task(3);
    const discovery = configTopic('ha', 'active_backup_attic_task_3');
    expect(exampleTopics(fields, SERIAL)).toEqual({ state, command, discovery });
  });

  test('have defaults, and a placeholder for the serial number, in place of empty fields', () => {
    expect(exampleTopics({ ...FIELDS, baseTopic: ' ', discoveryPrefix: '' }, SERIAL)).toEqual({
      state: 'active-backup/<serial number>/task/3/state',
      command: null,
      discovery: 'homeassistant/device/active_backup_<serial number>_task_3/config',
    });
  });

  test.each([
    [{ discovery: false }, false, false],
    [{ commands: 'true', discovery: 'false' }, true, false],
    [{ commands: '${COMMANDS}', discovery: '${DISCOVERY}' }, true, true],
  ])('have no topic for commands or discovery that are off: %j', (changes, hasCommand, hasDiscovery) => {
    const { command, discovery } = exampleTopics({ ...FIELDS, ...changes }, SERIAL);
    expect([command !== null, discovery !== null]).toEqual([hasCommand, hasDiscovery]);
  });
});
