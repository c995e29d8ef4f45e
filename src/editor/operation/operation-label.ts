/** A longer label would push the node out of the flow's column. */
const MAX_LENGTH = 40;

/**
 * The label of a node without a name: its operation and its filters, `list · failed`.
 * @param details words of a flow file, of any type; only texts that are not empty count
 */
export function operationLabel(operation: string, details: readonly unknown[] = [], separator = ' · '): string {
  const words = details.flat().filter((word): word is string => typeof word === 'string' && word !== '');
  const label = words.length === 0 ? operation : `${operation}${separator}${words.join(', ')}`;
  return label.length > MAX_LENGTH ? `${label.slice(0, MAX_LENGTH - 1)}…` : label;
}
