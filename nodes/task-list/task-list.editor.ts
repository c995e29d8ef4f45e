import { includesLevel, methodsOf } from '../../src/active-backup/methods';
import { RESULT_STATUSES, TASK_STATES, TASK_TYPES } from '../../src/active-backup/codes';
import { query, setVisible } from '../../src/editor/form/dom';
import { openOperationForm } from '../../src/editor/operation/operation-form';
import { suggestTaskNames } from '../../src/editor/picker/task-names';
import { operationLabel } from '../../src/editor/operation/operation-label';
import { nasProperty, operationProperty, paramsProperty } from '../../src/editor/operation/operation-properties';
import { wordsOf } from '../../src/editor/nas/problems';
import { wordText } from '../../src/editor/form/texts';
import type { Params } from '../../src/editor/operation/typed-value';
import { valid } from '../../src/editor/form/validators';
import { checkboxGroup } from '../../src/editor/form/checkbox-group';

interface TaskListProperties {
  name: string;
  nas: string;
  operation: string;
  params: Params;
  output: string;
  filterType: unknown;
  filterState: unknown;
  filterResult: unknown;
  filterName: string;
}

const METHODS = methodsOf('SYNO.ActiveBackup.Task').filter(({ level }) => includesLevel('read', level));
const PRESET = 'list';
/** Operations whose rows are tasks, and can be filtered as such. */
const LISTS_TASKS: ReadonlySet<string> = new Set(['list', 'list_with_device']);

const text = (key: string): string => RED._(`node-red-contrib-synology-active-backup/task-list:${key}`);
let save: () => void;

RED.nodes.registerType<TaskListProperties>('active-backup-task-list', {
  category: 'synology',
  color: '#A8C7DC',
  icon: 'active-backup-task-list.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    operation: operationProperty(METHODS, PRESET),
    params: paramsProperty(METHODS, PRESET),
    output: { value: 'array' },
    filterType: { value: [], label: text('task-list.label.type'), validate: valid(wordsOf(TASK_TYPES)) },
    filterState: { value: [], label: text('task-list.label.state'), validate: valid(wordsOf(TASK_STATES)) },
    filterResult: { value: [], label: text('task-list.label.result'), validate: valid(wordsOf(RESULT_STATUSES)) },
    filterName: { value: '' },
  },
  paletteLabel() {
    return this._('task-list.paletteLabel');
  },
  inputLabels() {
    return this._('task-list.port.input');
  },
  outputLabels() {
    return this._(this.output === 'messages' ? 'task-list.port.messages' : 'task-list.port.array');
  },
  label() {
    const { filterType, filterState, filterResult, filterName } = this;
    const operation = this.operation || PRESET;
    const filters = LISTS_TASKS.has(operation) ? [filterType, filterState, filterResult, filterName] : [];
    return this.name || operationLabel(operation, filters);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    const group = (kind: string): HTMLElement => query(`#active-backup-filter-${kind}`, HTMLElement);
    const readType = checkboxGroup(group('type'), TASK_TYPES, this.filterType, (word) => wordText('type', word));
    const readState = checkboxGroup(group('state'), TASK_STATES, this.filterState, (word) => wordText('state', word));
    const readResult = checkboxGroup(group('result'), RESULT_STATUSES, this.filterResult, (word) =>
      wordText('result', word),
    );
    suggestTaskNames(query('#node-input-filterName', HTMLInputElement));
    const form = openOperationForm(this, METHODS, PRESET, (operation) => {
      setVisible(query('#active-backup-filter', HTMLElement), LISTS_TASKS.has(operation));
    });
    save = () => {
      this.params = form.params();
      this.filterType = readType();
      this.filterState = readState();
      this.filterResult = readResult();
    };
  },
  oneditsave() {
    save();
  },
});
