import { RESULT_STATUSES, TASK_STATES, TASK_TYPES } from '../../src/active-backup/codes';
import { query, setVisible } from '../../src/editor/form/dom';
import { checkboxGroup } from '../../src/editor/form/fields';
import { textsOf, wordText } from '../../src/editor/form/texts';
import { valid } from '../../src/editor/form/validators';
import { openOperationForm, operationName } from '../../src/editor/operation/operation-form';
import { operationLabel } from '../../src/editor/operation/operation-label';
import {
  nasProperty,
  operationProperty,
  paramsProperty,
  type OperationNodeProperties,
} from '../../src/editor/operation/operation-properties';
import { pickTaskName } from '../../src/editor/picker/picker';
import { wordsIn } from '../../src/settings/event-settings';
import { LISTS_TASKS, NODE_OPERATIONS } from '../../src/settings/operations';
import { someOf } from '../../src/settings/rules';

interface TaskListProperties extends OperationNodeProperties {
  output: string;
  filterType: unknown;
  filterState: unknown;
  filterResult: unknown;
  filterName: string;
}

const OPERATIONS = NODE_OPERATIONS['task-list'];

const text = textsOf('task-list');
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
    operation: operationProperty(OPERATIONS),
    params: paramsProperty(OPERATIONS),
    output: { value: 'array' },
    filterType: { value: [], label: text('task-list.label.type'), validate: valid(someOf(TASK_TYPES)) },
    filterState: { value: [], label: text('task-list.label.state'), validate: valid(someOf(TASK_STATES)) },
    filterResult: { value: [], label: text('task-list.label.result'), validate: valid(someOf(RESULT_STATUSES)) },
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
    const operation = this.operation || OPERATIONS.defaultMethod;
    const words = [
      ...wordsIn(filterType).map((word) => wordText('type', word)),
      ...wordsIn(filterState).map((word) => wordText('state', word)),
      ...wordsIn(filterResult).map((word) => wordText('result', word)),
      filterName,
    ];
    return this.name || operationLabel(operationName(OPERATIONS, operation), LISTS_TASKS.has(operation) ? words : []);
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
    pickTaskName(query('#node-input-filterName', HTMLInputElement));
    // A flow written by hand may leave the property out.
    query('#node-input-output', HTMLSelectElement).value ||= 'array';
    const form = openOperationForm(this, OPERATIONS, (operation) => {
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
