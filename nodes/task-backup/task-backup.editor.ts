import { shared, textsOf } from '../../src/editor/form/texts';
import { valid } from '../../src/editor/form/validators';
import { operationName } from '../../src/editor/operation/operation-form';
import { operationLabel } from '../../src/editor/operation/operation-label';
import {
  nasProperty,
  operationProperty,
  paramsProperty,
  validTasks,
  type OperationNodeProperties,
} from '../../src/editor/operation/operation-properties';
import { openTaskBackupForm } from '../../src/editor/operation/task-backup-form';
import { selectionLabel, withoutTaskIds } from '../../src/editor/operation/task-selection';
import { parseStartWhen, parseWaitTimeout, WAIT_TIMEOUT } from '../../src/settings/limits';
import { actsOnRuns, NODE_OPERATIONS } from '../../src/settings/operations';
import { parseBoolean } from '../../src/settings/rules';

interface TaskBackupProperties extends OperationNodeProperties {
  tasks: unknown;
  tasksType: unknown;
  startWhen: unknown;
  wait: unknown;
  waitTimeout: number | string;
}

const OPERATIONS = NODE_OPERATIONS['task-backup'];
const { methods, defaultMethod } = OPERATIONS;

const text = textsOf('task-backup');
/** Verbs of the operations that act on selected tasks. */
const VERBS: Readonly<Record<string, string>> = {
  backup: text('task-backup.verb.backup'),
  cancel: text('task-backup.verb.cancel'),
  set: text('task-backup.verb.set'),
  remove: text('task-backup.verb.remove'),
};
const LABELS = {
  selection: {
    ids: text('task-backup.way.ids'),
    names: text('task-backup.way.names'),
    all: text('task-backup.way.all'),
  },
  startWhen: {
    now: text('task-backup.startWhen.now'),
    online: text('task-backup.startWhen.online'),
  },
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
    nas: nasProperty(false),
    operation: operationProperty(OPERATIONS),
    params: paramsProperty({ methods: withoutTaskIds(methods, true), defaultMethod }),
    tasks: { value: '', label: text('task-backup.label.tasks'), validate: validTasks(OPERATIONS) },
    tasksType: { value: 'ids' },
    startWhen: { value: 'now', label: text('task-backup.label.startWhen'), validate: valid(parseStartWhen) },
    wait: { value: false },
    waitTimeout: {
      value: WAIT_TIMEOUT.default,
      label: text('task-backup.label.waitTimeout'),
      validate: valid(parseWaitTimeout),
    },
  },
  paletteLabel() {
    return this._('task-backup.paletteLabel');
  },
  inputLabels: () => shared('common.port.input'),
  outputLabels(index) {
    if (index === 1) return this._('task-backup.port.progress');
    if (!actsOnRuns(this.operation || defaultMethod)) return shared('common.port.result');
    return this._(parseBoolean(this.wait, false) === true ? 'task-backup.port.ended' : 'task-backup.port.accepted');
  },
  label() {
    const verb = VERBS[this.operation || defaultMethod];
    if (this.name) return this.name;
    return verb === undefined
      ? operationLabel(operationName(OPERATIONS, this.operation))
      : selectionLabel(verb, this, this._('task-backup.every'));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    save = openTaskBackupForm(this, OPERATIONS, LABELS);
  },
  oneditsave() {
    save();
  },
});
