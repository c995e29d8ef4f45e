/** Whether a value is a list or an object without a class of its own. */
function isPlain(value: unknown): value is Record<string, unknown> | unknown[] {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

/** Changes everything in a value at any depth and freezes it: the worst that a flow can do to a message. */
export function ruin(value: unknown): void {
  if (!isPlain(value) || Object.isFrozen(value)) return;
  for (const [name, field] of Object.entries(value)) {
    if (isPlain(field)) ruin(field);
    else Reflect.set(value, name, ruined(field));
  }
  if (Array.isArray(value)) value.push('added by a flow');
  else value['added'] = 'by a flow';
  Object.freeze(value);
}

function ruined(value: unknown): unknown {
  if (typeof value === 'number') return -1 - value;
  if (typeof value === 'boolean') return !value;
  return value === null ? 'no longer null' : 'changed by a flow';
}

/**
 * Finds objects that occur in two messages, or twice in one.
 * @param messages with the name of each @returns their places, as `first.payload[0].volume = second.payload[1].volume`
 */
export function objectsInTwoPlaces(messages: readonly (readonly [name: string, message: object])[]): string[] {
  const places = new Map<object, string>();
  const found: string[] = [];
  const visit = (value: unknown, place: string): void => {
    if (!isPlain(value)) return;
    const before = places.get(value);
    if (before !== undefined) {
      found.push(`${before} = ${place}`);
      return;
    }
    places.set(value, place);
    for (const [name, field] of Object.entries(value)) visit(field, `${place}.${name}`);
  };
  for (const [name, message] of messages) visit(message, name);
  return found;
}
