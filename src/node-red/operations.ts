import { includesLevel, methodsOf, type Method } from '../active-backup/methods';
import { DsmError } from '../dsm/errors';
import { quoted } from '../dsm/quote';

/** What a palette node can be asked to do: the methods it offers, and the one a new node is set to. */
export interface NodeOperations {
  readonly defaultMethod: string;
  readonly methods: readonly Method[];
}

const TASK = methodsOf('SYNO.ActiveBackup.Task');
const isRead = ({ level }: Method): boolean => includesLevel('read', level);

/** The palette nodes that call an operation, by their name; derived, so that a method added to the catalogue is offered (INTERFACE 3). */
export const NODE_OPERATIONS = {
  'task-list': { defaultMethod: 'list', methods: TASK.filter(isRead) },
  'task-backup': { defaultMethod: 'backup', methods: TASK.filter((method) => !isRead(method)) },
  'share-storage': { defaultMethod: 'overview', methods: methodsOf('SYNO.ActiveBackup.Share') },
  'aem-info': { defaultMethod: 'get_info', methods: methodsOf('SYNO.ActiveBackup.AEM') },
} as const satisfies Record<string, NodeOperations>;

/** Methods of the Task API whose rows are tasks. */
export const LISTS_TASKS: ReadonlySet<string> = new Set(['list', 'list_with_device']);

/**
 * The method a message asks for.
 * @throws DsmError EPARAM when the node does not offer it; says what it does offer
 */
export function findOperation(offer: NodeOperations, operation: string): Method {
  const method = offer.methods.find((candidate) => candidate.method === operation);
  if (method !== undefined) return method;
  const known = offer.methods.map((candidate) => candidate.method).join(', ');
  throw new DsmError('EPARAM', `There is no operation ${quoted(operation)} here; this node knows ${known}`);
}
