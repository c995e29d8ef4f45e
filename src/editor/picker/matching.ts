/** One thing on a NAS, as the runtime tells it; what it does not tell of this kind of thing is missing. */
export interface PickerItem {
  readonly value: number | string;
  readonly label: string;
  readonly type?: string;
  /** Status of the last backup. */
  readonly result?: string | null;
  /** ISO 8601. */
  readonly nextRunAt?: string | null;
  readonly online?: boolean | null;
}

/** How what is picked gets into a field. */
export interface InsertMode {
  /** Its id (or name, where names are unique), or what it is called. */
  readonly writes: 'value' | 'label';
  /** The field holds several, separated by commas. */
  readonly isList: boolean;
}

/** What to show for a field. */
export interface Matches {
  readonly rows: readonly { readonly choice: PickerItem; /** The field after picking it. */ readonly text: string }[];
  /** How many more fit. */
  readonly more: number;
  /** What was typed is an id that nothing has: the first row must not take its place. */
  readonly isUnknownId: boolean;
}

/** Rows a menu shows; more are slow to build and nobody reads them. */
export const SHOWN_ROWS = 50;

const NOTHING: Matches = { rows: [], more: 0, isUnknownId: false };

/**
 * What fits to a field, the best first.
 * @param isBrowsing the person wants to see all, to add one: what the field holds is no search
 */
export function matchItems(
  choices: readonly PickerItem[],
  text: string,
  way: InsertMode,
  isBrowsing: boolean,
): Matches {
  if (isJson(text)) return NOTHING;
  const entries = way.isList ? text.split(',').map((entry) => entry.trim()) : [text.trim()];
  const typed = isBrowsing ? '' : (entries.pop() ?? '').toLowerCase();
  const kept = way.isList ? entries.filter((entry) => entry !== '') : [];
  const fitting = choices
    .filter((choice) => !kept.includes(written(choice, way)))
    .map((choice) => ({ choice, rank: rankOf(choice, typed, way) }))
    .filter(({ rank }) => rank < RANKS)
    .sort((one, other) => one.rank - other.rank);
  return {
    rows: fitting
      .slice(0, SHOWN_ROWS)
      .map(({ choice }) => ({ choice, text: [...kept, written(choice, way)].join(', ') })),
    more: Math.max(0, fitting.length - SHOWN_ROWS),
    isUnknownId: way.writes === 'value' && /^\d+$/.test(typed) && fitting[0]?.rank !== 0,
  };
}

/** What the ids in a field are called, one entry each; null for an id that nothing has. */
export function namesIn(
  choices: readonly PickerItem[],
  text: string,
  { isList }: InsertMode,
): { entry: string; name: string | null }[] {
  const entries = (isList && !isJson(text) ? text.split(',') : [text]).map((entry) => entry.trim());
  const named = new Map(choices.map(({ value, label }) => [String(value), label]));
  return entries.filter((entry) => /^\d+$/.test(entry)).map((entry) => ({ entry, name: named.get(entry) ?? null }));
}

/** A name with a comma would be read as two: `?` stands for any character (INTERFACE 2.3). */
function written({ value, label }: PickerItem, { writes, isList }: InsertMode): string {
  if (writes === 'value') return String(value);
  return isList ? label.replaceAll(',', '?') : label;
}

const RANKS = 4;

/** 0: it is what was typed; then what begins with it, by id or by name; then what has it somewhere; {@link RANKS}: not at all. */
function rankOf(choice: PickerItem, typed: string, way: InsertMode): number {
  const [entry, name] = [written(choice, way).toLowerCase(), choice.label.toLowerCase()];
  const tests = [entry === typed || name === typed, entry.startsWith(typed), name.startsWith(typed)];
  const rank = [...tests, name.includes(typed)].indexOf(true);
  return rank === -1 ? RANKS : rank;
}

function isJson(text: string): boolean {
  return text.trim().startsWith('[');
}
