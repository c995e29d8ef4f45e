import type { Json, JsonObject, JsonSchema } from './json';
import { VALUE_KINDS, type ValueKind, type RawValue } from './value-kinds';
import type { Detail } from './options';
import type { LocalizedText } from './localized-text';

/** How Home Assistant shows a row. */
export interface EntityPresentation {
  /** The least detail with which it is announced; what only `full` announces is switched off until a person wants it. */
  readonly from: Detail;
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

interface RowBase {
  /** Key in the document, in English; last part of the unique id. Never changes. */
  readonly key: string;
  /** For the schema and the documentation. */
  readonly description: string;
}

/** A value of a document. */
type ValueRow<Source> = {
  [K in ValueKind]: RowBase & {
    readonly kind: K;
    readonly value: (source: Source) => RawValue<K>;
    /** Without it, it stands in the document alone. */
    readonly shown?: EntityPresentation;
    /** Whether it says anything of this one; by default always. The document has it anyway. */
    readonly when?: (source: Source) => boolean;
  };
}[ValueKind];

/** A value out of a closed list. Whatever else comes is `unknown`, or null where that is no word of the list. */
interface WordRow<Source> extends RowBase {
  readonly kind: 'word';
  readonly words: readonly string[];
  readonly value: (source: Source) => string | null;
  readonly shown?: EntityPresentation;
  readonly when?: (source: Source) => boolean;
}

/** A row of a document. */
export type StateField<Source> = ValueRow<Source> | WordRow<Source>;

/** What Home Assistant shows without a value of the document. */
export type ActionEntity = RowBase & { readonly shown: EntityPresentation } & (
    | { readonly kind: 'connection' }
    | { readonly kind: 'event'; readonly types: readonly string[] }
    | { readonly kind: 'button'; readonly payload: 'backup' | 'cancel' | 'refresh' }
  );

/** A row of the entity table. */
export type EntityDescription<Source> = StateField<Source> | ActionEntity;

/** What marks the documents of this shape; grows when a subscriber would have to change. */
export const SCHEMA_VERSION = 1;

const DETAILS: readonly Detail[] = ['minimal', 'standard', 'full'];

/** Whether a row is announced. */
export function isEnabledAt<Source>(row: EntityDescription<Source>, source: Source, detail: Detail): boolean {
  if (row.shown === undefined || ('value' in row && row.when !== undefined && !row.when(source))) return false;
  return DETAILS.indexOf(row.shown.from) <= DETAILS.indexOf(detail);
}

/** The rows that stand in the document. */
export function stateFields<Source>(rows: readonly EntityDescription<Source>[]): StateField<Source>[] {
  return rows.filter((row): row is StateField<Source> => 'value' in row);
}

/** The values of a document, every key of it. */
export function buildState<Source>(rows: readonly EntityDescription<Source>[], source: Source): JsonObject {
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

function valueOf<Source>(row: StateField<Source>, source: Source): Json {
  if (row.kind === 'word') {
    const word = row.value(source);
    if (word !== null && row.words.includes(word)) return word;
    return row.words.includes('unknown') ? 'unknown' : null;
  }
  // Each row's value fits its own kind: the type of the table says so, which a loop over kinds cannot see.
  return (VALUE_KINDS[row.kind].toJson as (raw: RawValue<ValueKind>) => Json)(row.value(source));
}
