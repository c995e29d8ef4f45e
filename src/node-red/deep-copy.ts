/**
 * Copies plain data so that no object occurs twice in the copy. Data that leaves a node is copied this way: the monitor keeps
 * its objects, and two rows of a list may share one, while a flow may change what it receives. (`structuredClone` keeps
 * shared objects shared.)
 * @param value arrays, plain objects and primitives
 */
export function deepCopy<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  // The spread defines each property, also one called __proto__, which an assignment would not.
  const copied: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(copied)) {
    if (typeof field === 'object' && field !== null) copied[name] = copy(field);
  }
  return copied;
}
