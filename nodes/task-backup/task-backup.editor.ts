import { includesLevel, methodsOf } from '../../src/active-backup/methods';
import { parseBoolean } from '../../src/editor/form/boolean';
import { operationLabel } from '../../src/editor/operation/operation-label';
import { nasProperty, operationProperty, paramsProperty } from '../../src/editor/operation/operation-properties';
import { positiveUpTo } from '../../src/editor/nas/problems';
import { openTaskBackupForm } from '../../src/editor/operation/task-backup-form';
import { choiceLabel, withoutTaskIds } from '../../src/editor/picker/task-selection';
import { shared } from '../../src/editor/form/texts';
import type { Params } from '../../src/editor/operation/typed-value';
import { chosenTasks, valid } from '../../src/editor/form/validators';
import { canWait, WAIT } from '../../src/editor/operation/wait';

interface TaskBackupProperties {
  name: string;
  nas: string;
  operation: string;
  params: Params;
  tasks: unknown;
  tasksType: unknown;
  wait: unknown;
  waitTimeout: number | string;
}

const METHODS = methodsOf('SYNO.ActiveBackup.Task').filter(({ level }) => !includesLevel('read', level));
const PRESET = 'backup';

const text = (key: string): string => RED._(`node-red-contrib-synology-active-backup/task-backup:${key}`);
/** What the operations do to the chosen tasks; the others act on none. */
const VERBS: Readonly<Record<string, string>> = {
  backup: text('task-backup.verb.backup'),
  cancel: text('task-backup.verb.cancel'),
  set: text('task-backup.verb.set'),
  remove: text('task-backup.verb.remove'),
};
const WAYS = {
  ids: text('task-backup.way.ids'),
  names: text('task-backup.way.names'),
  all: text('task-backup.way.all'),
};
let save: () => void;

RED.nodes.registerType<TaskBackupProperties>('active-backup-task-backup', {
  category: 'synology',
  color: '#A6D3B9',
  icon: 'active-backup-task-backup.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    operation: operationProperty(METHODS, PRESET),
    params: paramsProperty(withoutTaskIds(METHODS, true), PRESET),
    tasks: { value: '', label: text('task-backup.label.tasks'), validate: chosenTasks(METHODS, PRESET) },
    tasksType: { value: 'ids' },
    wait: { value: false },
    waitTimeout: {
      value: WAIT.waitTimeout.default,
      label: text('task-backup.label.waitTimeout'),
      validate: valid(positiveUpTo(WAIT.waitTimeout.max)),
    },
  },
  paletteLabel() {
    return this._('task-backup.paletteLabel');
  },
  inputLabels: () => shared('common.port.input'),
  outputLabels(index) {
    if (index === 1) return this._('task-backup.port.progress');
    if (!canWait(this.operation || PRESET)) return shared('common.port.result');
    return this._(parseBoolean(this.wait, false) === true ? 'task-backup.port.ended' : 'task-backup.port.accepted');
  },
  label() {
    const verb = VERBS[this.operation || PRESET];
    if (this.name) return this.name;
    return verb === undefined ? operationLabel(this.operation) : choiceLabel(verb, this, this._('task-backup.every'));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    save = openTaskBackupForm(this, METHODS, PRESET, WAYS);
  },
  oneditsave() {
    save();
  },
});
