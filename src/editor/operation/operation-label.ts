/** Where a label would push the node out of the flow's column. */
const LONGEST = 40;

/**
 * What a node without a name is called: its operation and what narrows it, `list · failed`.
 * @param details words of a flow file, of any type; empty ones say nothing
 */
export function operationLabel(operation: string, details: readonly unknown[] = [], separator = ' · '): string {
  const words = details.flat().filter((word): word is string => typeof word === 'string' && word !== '');
  const label = words.length === 0 ? operation : `${operation}${separator}${words.join(', ')}`;
  return label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label;
}
