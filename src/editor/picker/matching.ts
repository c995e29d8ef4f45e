import type { PickerItem } from '../../node-red/admin/responses';

/** How a picked item is written into a field. */
export interface InsertMode {
  /** Its value (the id; the name where names are unique), or its label. */
  readonly writes: 'value' | 'label';
  /** The field holds several items, separated by commas. */
  readonly isList: boolean;
}

/** The items that match a field. */
export interface Matches {
  readonly rows: readonly {
    readonly item: PickerItem;
    /** The text of the field after picking it. */ readonly text: string;
  }[];
  /** The number of further matches. */
  readonly more: number;
  /** The field holds an id that no item has: picking the first row must not replace it. */
  readonly isUnknownId: boolean;
}

/** Rows that a menu shows; more are slow to build, and too many to read. */
export const MAX_ROWS = 50;

const NO_MATCHES: Matches = { rows: [], more: 0, isUnknownId: false };

/**
 * The items that match the text of a field, the best first.
 * @param isBrowsing the user opened the list to add an item: the text is no search
 */
export function matchItems(items: readonly PickerItem[], text: string, mode: InsertMode, isBrowsing: boolean): Matches {
  if (isJson(text)) return NO_MATCHES;
  const entries = mode.isList ? text.split(',').map((entry) => entry.trim()) : [text.trim()];
  const typed = isBrowsing ? '' : (entries.pop() ?? '').toLowerCase();
  const kept = mode.isList ? entries.filter((entry) => entry !== '') : [];
  const matches = items
    .filter((item) => !kept.includes(insertedText(item, mode)))
    .map((item) => ({ item, rank: rankOf(item, typed, mode) }))
    .filter(({ rank }) => rank < NO_MATCH_RANK)
    .sort((one, other) => one.rank - other.rank);
  return {
    rows: matches
      .slice(0, MAX_ROWS)
      .map(({ item }) => ({ item, text: [...kept, insertedText(item, mode)].join(', ') })),
    more: Math.max(0, matches.length - MAX_ROWS),
    isUnknownId: mode.writes === 'value' && /^\d+$/.test(typed) && matches[0]?.rank !== 0,
  };
}

/** The ids in a field with the labels of their items; null for an id that no item has. */
export function labelsOfIds(
  items: readonly PickerItem[],
  text: string,
  { isList }: InsertMode,
): { id: string; label: string | null }[] {
  const entries = (isList && !isJson(text) ? text.split(',') : [text]).map((entry) => entry.trim());
  const labels = new Map(items.map(({ value, label }) => [String(value), label]));
  return entries.filter((entry) => /^\d+$/.test(entry)).map((id) => ({ id, label: labels.get(id) ?? null }));
}

/** In a list, a comma in a label would separate two entries, so `?` stands for it: it matches any character. */
function insertedText({ value, label }: PickerItem, { writes, isList }: InsertMode): string {
  if (writes === 'value') return String(value);
  return isList ? label.replaceAll(',', '?') : label;
}

const NO_MATCH_RANK = 4;

/** 0: equal; 1: its inserted text begins with the typed text; 2: its label does; 3: its label contains it; 4: no match. */
function rankOf(item: PickerItem, typed: string, mode: InsertMode): number {
  const [inserted, label] = [insertedText(item, mode).toLowerCase(), item.label.toLowerCase()];
  const tests = [inserted === typed || label === typed, inserted.startsWith(typed), label.startsWith(typed)];
  const rank = [...tests, label.includes(typed)].indexOf(true);
  return rank === -1 ? NO_MATCH_RANK : rank;
}

function isJson(text: string): boolean {
  return text.trim().startsWith('[');
}
