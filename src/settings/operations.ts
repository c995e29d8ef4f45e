import { includesLevel, methodsOf, type Method } from '../active-backup/methods';

/** A value as Node-RED's typed input stores it. */
export interface TypedValue {
  readonly value: unknown;
  readonly type: string;
}

/** The methods that a palette node offers, and the one of a new node. */
export interface NodeOperations {
  readonly defaultMethod: string;
  readonly methods: readonly Method[];
}

const TASK = methodsOf('SYNO.ActiveBackup.Task');
const isRead = ({ level }: Method): boolean => includesLevel('read', level);

/** The palette nodes that call an operation, by name; derived, so that a method added to the table is offered. */
export const NODE_OPERATIONS = {
  'task-list': { defaultMethod: 'list', methods: TASK.filter(isRead) },
  'task-backup': { defaultMethod: 'backup', methods: TASK.filter((method) => !isRead(method)) },
  'share-storage': { defaultMethod: 'overview', methods: methodsOf('SYNO.ActiveBackup.Share') },
  'aem-info': { defaultMethod: 'get_info', methods: methodsOf('SYNO.ActiveBackup.AEM') },
} as const satisfies Record<string, NodeOperations>;

/** Methods of the Task API whose rows are tasks, and can be filtered as such. */
export const LISTS_TASKS: ReadonlySet<string> = new Set(['list', 'list_with_device']);

/** Methods that start or stop runs, whose end a node can wait for. */
const ACTS_ON_RUNS: ReadonlySet<string> = new Set(['backup', 'cancel']);

/** Whether a node can wait for the end of the runs that a method starts or stops. */
export function actsOnRuns(method: string): boolean {
  return ACTS_ON_RUNS.has(method);
}
