/** The fields of a JSON object. */
type Fields = Readonly<Record<string, unknown>>;

/** What differs between two JSON objects, one level deep: fields, and the keys of fields that are objects themselves. */
interface Changes {
  /** Fields with another value. */
  readonly replaced?: Fields;
  /** By field: the keys of an object that were added or have another value. */
  readonly changed?: Readonly<Record<string, Fields>>;
  /** By field: the keys of an object that were removed. */
  readonly removed?: Readonly<Record<string, readonly string[]>>;
}

/**
 * What has changed of a JSON object, as a line that {@link parseWithChanges} reads. Parts that are the same object are not
 * compared, others count as changed even if they are equal. The line gives values, not differences, so that repeating it
 * changes nothing.
 * @returns `''` when nothing has changed; null when it cannot be said in a line: no objects, or they have other fields
 */
export function changesBetween(before: unknown, after: unknown): string | null {
  if (!isRecord(before) || !isRecord(after)) return null;
  const names = Object.keys(after);
  if (names.length !== Object.keys(before).length || names.some((name) => !Object.hasOwn(before, name))) return null;
  const replaced: Record<string, unknown> = {};
  const changed: Record<string, Fields> = {};
  const removed: Record<string, readonly string[]> = {};
  for (const name of names) {
    const [one, other] = [before[name], after[name]];
    if (one === other) continue;
    if (isRecord(one) && isRecord(other)) {
      const keys = Object.keys(other).filter((key) => one[key] !== other[key]);
      if (keys.length > 0) changed[name] = Object.fromEntries(keys.map((key) => [key, other[key]]));
      const gone = Object.keys(one).filter((key) => other[key] === undefined);
      if (gone.length > 0) removed[name] = gone;
    } else replaced[name] = other;
  }
  const changes = Object.entries({ replaced, changed, removed }).filter(([, part]) => Object.keys(part).length > 0);
  return changes.length === 0 ? '' : JSON.stringify(Object.fromEntries(changes));
}

/**
 * Parses a JSON text, or one with lines of {@link changesBetween} below its first line. Lines from the first one that is no
 * JSON on are left out: a killed process or a power cut ends a file anywhere. The value is then an earlier one.
 * @throws SyntaxError when the text, or its first line, is no JSON
 */
export function parseWithChanges(text: string): unknown {
  const end = text.indexOf('\n');
  const value = end < 0 ? undefined : parsed(text.slice(0, end));
  // Someone may have written the file by hand, in several lines.
  if (value === undefined || !isRecord(value)) return JSON.parse(text);
  for (const line of text.slice(end + 1).split('\n')) {
    const changes = parsed(line);
    if (!isRecord(changes)) break;
    apply(value, changes);
  }
  return value;
}

/** Changes the value, which was just parsed and belongs to no one else. */
function apply(value: Record<string, unknown>, { replaced, changed, removed }: Changes): void {
  Object.assign(value, replaced);
  for (const [name, keys] of Object.entries(removed ?? {})) {
    const field = value[name];
    if (isRecord(field)) for (const key of keys) Reflect.deleteProperty(field, key);
  }
  for (const [name, fields] of Object.entries(changed ?? {})) {
    const field = value[name];
    if (isRecord(field)) Object.assign(field, fields);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
