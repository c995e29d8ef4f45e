import type { JsonValue, ReadonlyJsonObject, JsonSchema } from './json';
import { VALUE_KINDS, type ValueKind, type RawValue } from './value-kinds';
import { DETAILS, type Detail } from '../settings/bridge-settings';
import type { LocalizedText } from './localized-text';

/** How Home Assistant shows a row. */
export interface EntityPresentation {
  /** The least detail with which it is announced; what only `full` announces is switched off until a person wants it. */
  readonly minDetail: Detail;
  readonly name: LocalizedText;
  readonly icon?: `mdi:${string}`;
  /** Beside the point of a dashboard. */
  readonly diagnostic?: true;
  /** Of a flag; what the word ON means. */
  readonly deviceClass?: 'problem' | 'running' | 'connectivity';
  /**
   * On what it depends that Home Assistant shows it: by default on the bridge and on the NAS; `bridge`: it tells something
   * also while the NAS is away; `active`: on a run that can be cancelled, too.
   */
  readonly available?: 'bridge' | 'active';
}

interface EntityBase {
  /** Key in the document, in English; last part of the unique id. Never changes. */
  readonly key: string;
  /** For the schema and the documentation. */
  readonly description: string;
}

/** A value of a document. */
type ValueField<Source> = {
  [K in ValueKind]: EntityBase & {
    readonly kind: K;
    readonly value: (source: Source) => RawValue<K>;
    /** Without it, it stands in the document alone. */
    readonly shown?: EntityPresentation;
    /** Whether it says anything of this one; by default always. The document has it anyway. */
    readonly appliesTo?: (source: Source) => boolean;
  };
}[ValueKind];

/** A value out of a closed list. Whatever else comes is `unknown`, or null where that is no word of the list. */
interface WordField<Source> extends EntityBase {
  readonly kind: 'word';
  readonly words: readonly string[];
  readonly value: (source: Source) => string | null;
  readonly shown?: EntityPresentation;
  readonly appliesTo?: (source: Source) => boolean;
}

/** A row of a document. */
export type StateField<Source> = ValueField<Source> | WordField<Source>;

/** What Home Assistant shows without a value of the document. */
export type ActionEntity = EntityBase & { readonly shown: EntityPresentation } & (
    | { readonly kind: 'connection' }
    | { readonly kind: 'event'; readonly types: readonly string[] }
    | { readonly kind: 'button'; readonly payload: 'backup' | 'cancel' | 'refresh' }
  );

/** A row of the entity table. */
export type EntityDescription<Source> = StateField<Source> | ActionEntity;

/** What marks the documents of this shape; grows when a subscriber would have to change. */
export const SCHEMA_VERSION = 1;

/** Whether a row is announced. */
export function isEnabledAt<Source>(row: EntityDescription<Source>, source: Source, detail: Detail): boolean {
  if (row.shown === undefined || ('value' in row && row.appliesTo !== undefined && !row.appliesTo(source)))
    return false;
  return DETAILS.indexOf(row.shown.minDetail) <= DETAILS.indexOf(detail);
}

/** The rows that stand in the document. */
export function stateFields<Source>(rows: readonly EntityDescription<Source>[]): StateField<Source>[] {
  return rows.filter((row): row is StateField<Source> => 'value' in row);
}

/** The values of a document, every key of it. */
export function buildState<Source>(rows: readonly EntityDescription<Source>[], source: Source): ReadonlyJsonObject {
  return Object.fromEntries(stateFields(rows).map((row) => [row.key, valueOf(row, source)]));
}

/** What a value may be. */
export function fieldSchema<Source>(row: StateField<Source>): JsonSchema {
  const schema =
    row.kind === 'word'
      ? { enum: row.words.includes('unknown') ? row.words : [...row.words, null] }
      : VALUE_KINDS[row.kind].schema;
  return { description: row.description, ...schema };
}

function valueOf<Source>(row: StateField<Source>, source: Source): JsonValue {
  if (row.kind === 'word') {
    const word = row.value(source);
    if (word !== null && row.words.includes(word)) return word;
    return row.words.includes('unknown') ? 'unknown' : null;
  }
  // Each row's value fits its own kind: the type of the table says so, which a loop over kinds cannot see.
  return (VALUE_KINDS[row.kind].toJson as (raw: RawValue<ValueKind>) => JsonValue)(row.value(source));
}
