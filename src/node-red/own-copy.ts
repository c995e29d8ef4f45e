/**
 * A copy of plain data in which no object occurs twice. The monitor keeps what it reports, and two rows of a list may share a
 * part, while flows change what they get: whatever leaves a node is such a copy, so that every part of it is the receiver's own.
 * @param value lists, plain objects and JSON's other values, as deep as `removeSecrets` lets through
 */
export function ownCopy<T>(value: T): T {
  return copied(value) as T;
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== 'object' || value === null) return value;
  // The spread defines each property, also one called __proto__, which an assignment would not.
  const copy = { ...value } as Record<string, unknown>;
  for (const name of Object.keys(copy)) {
    const field = copy[name];
    if (typeof field === 'object' && field !== null) copy[name] = copied(field);
  }
  return copy;
}
