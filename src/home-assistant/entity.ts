import type { JsonValue, ReadonlyJsonObject, JsonSchema } from './json';
import { VALUE_KINDS, type ValueKind, type RawValue } from './value-kinds';
import { DETAILS, type Detail } from '../settings/bridge-settings';
import type { LocalizedText } from './localized-text';

/** Presentation of an entity in Home Assistant. */
export interface EntityPresentation {
  /** Lowest detail at which the entity is published; entities of `full` are disabled until the user enables them. */
  readonly minDetail: Detail;
  readonly name: LocalizedText;
  readonly icon?: `mdi:${string}`;
  /** Marks an entity as diagnostic. */
  readonly diagnostic?: true;
  /** For a flag: the meaning of ON. */
  readonly deviceClass?: 'problem' | 'running' | 'connectivity';
  /**
   * Conditions of the availability: by default bridge and NAS; `bridge`: the bridge alone, because the value stays
   * valid while the NAS is offline; `active`: additionally a run that can be cancelled.
   */
  readonly available?: 'bridge' | 'active';
}

interface EntityBase {
  /** Key in the document, in English, and last part of the unique id. Never changes. */
  readonly key: string;
  /** For the schema and the documentation. */
  readonly description: string;
}

/** A field of a document. */
type ValueField<Source> = {
  [K in ValueKind]: EntityBase & {
    readonly kind: K;
    readonly value: (source: Source) => RawValue<K>;
    /** Without it, the field is only part of the document. */
    readonly shown?: EntityPresentation;
    /** Whether an entity is published for this source; default: always. The document contains the field in any case. */
    readonly appliesTo?: (source: Source) => boolean;
  };
}[ValueKind];

/** A field with a closed list of values. Any other value becomes `unknown`, or null if the list does not have it. */
interface WordField<Source> extends EntityBase {
  readonly kind: 'word';
  readonly words: readonly string[];
  readonly value: (source: Source) => string | null;
  readonly shown?: EntityPresentation;
  readonly appliesTo?: (source: Source) => boolean;
}

/** A field of a state document. */
export type StateField<Source> = ValueField<Source> | WordField<Source>;

/** An entity without a field in the document. */
type ActionEntity = EntityBase & { readonly shown: EntityPresentation } & (
    | { readonly kind: 'connection' }
    | { readonly kind: 'event'; readonly types: readonly string[] }
    | { readonly kind: 'button'; readonly payload: 'backup' | 'cancel' | 'refresh' }
  );

/** One row of the entity tables. */
export type EntityDescription<Source> = StateField<Source> | ActionEntity;

/** Version of the documents; incremented when subscribers would have to change. */
export const SCHEMA_VERSION = 1;

/** Whether an entity is published at this detail. */
export function isEnabledAt<Source>(row: EntityDescription<Source>, source: Source, detail: Detail): boolean {
  if (row.shown === undefined || ('value' in row && row.appliesTo !== undefined && !row.appliesTo(source)))
    return false;
  return DETAILS.indexOf(row.shown.minDetail) <= DETAILS.indexOf(detail);
}

/** The entities that are fields of the document. */
export function stateFields<Source>(rows: readonly EntityDescription<Source>[]): StateField<Source>[] {
  return rows.filter((row): row is StateField<Source> => 'value' in row);
}

/** The values of a document, with all its keys. */
export function buildState<Source>(rows: readonly EntityDescription<Source>[], source: Source): ReadonlyJsonObject {
  return Object.fromEntries(stateFields(rows).map((row) => [row.key, valueOf(row, source)]));
}

/** The JSON Schema of a field. */
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
  // The value of a row fits its own kind, as the type of the table ensures; TypeScript cannot relate the two here.
  return (VALUE_KINDS[row.kind].toJson as (raw: RawValue<ValueKind>) => JsonValue)(row.value(source));
}
