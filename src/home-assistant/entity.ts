import type { JsonValue, JsonSchema, ReadonlyJsonObject, LocalizedText } from './types';
import { sanitizeText, STATE_LENGTH, TEXT_LENGTH } from './text';
import { DETAILS, type Detail } from '../settings/bridge-settings';

/** Platform, device class and unit of a value in Home Assistant. */
export interface Traits {
  /** Jinja expression that converts the value to the displayed unit; documents contain bytes and seconds. */
  readonly expression?: (value: string) => string;
  readonly platform: 'sensor' | 'binary_sensor';
  readonly device_class?: string;
  readonly unit_of_measurement?: string;
  readonly state_class?: 'measurement' | 'total_increasing';
  readonly suggested_display_precision?: number;
}

/** A kind of value: its conversion to JSON, its schema and its sensor. */
interface KindRow<RawValue> {
  /** Ensures that the JSON value fits the schema, whatever the NAS has sent. */
  readonly toJson: (raw: RawValue) => JsonValue;
  readonly schema: JsonSchema;
  /** For the documentation. */
  readonly words: string;
  /** Null for kinds that are no entities. */
  readonly sensorTraits: Traits | null;
}

/** Maximum number of names in a list. */
export const MAX_NAMES = 20;
/** Maximum number of words in a list: one for each day of the time for which outcomes are kept. */
const MAX_WORDS = 90;

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const AMOUNT: JsonSchema = { type: ['number', 'null'], minimum: 0 };
const WHOLE: JsonSchema = { type: ['integer', 'null'], minimum: 0 };

const whole = (raw: number | null): JsonValue => (isAmount(raw) ? Math.round(raw) : null);
const measured = (traits: Omit<Traits, 'platform' | 'state_class'>): Traits => ({
  platform: 'sensor',
  ...traits,
  state_class: 'measurement',
});

/**
 * All kinds of values in a document. Valid combinations of device classes and units: docs/facts/home-assistant.md
 * §1.13.
 */
export const VALUE_KINDS = {
  text: {
    toJson: (raw: string | null) => sanitizeText(raw),
    schema: { type: ['string', 'null'], maxLength: STATE_LENGTH },
    words: 'text',
    sensorTraits: { platform: 'sensor' },
  },
  long_text: {
    toJson: (raw: string | null) => sanitizeText(raw, TEXT_LENGTH),
    schema: { type: ['string', 'null'], maxLength: TEXT_LENGTH },
    words: `text of up to ${TEXT_LENGTH} characters`,
    sensorTraits: null,
  },
  flag: {
    toJson: (raw: boolean | null) => (raw === null ? null : raw ? 'ON' : 'OFF'),
    schema: { enum: ['ON', 'OFF', null] },
    words: '`ON` or `OFF`',
    sensorTraits: { platform: 'binary_sensor' },
  },
  boolean: {
    toJson: (raw: boolean | null) => raw,
    schema: { type: ['boolean', 'null'] },
    words: '`true` or `false`',
    sensorTraits: null,
  },
  time: {
    toJson: (raw: string | null) => (raw !== null && TIME.test(raw) ? raw : null),
    schema: { type: ['string', 'null'], pattern: TIME.source },
    words: 'time, ISO 8601 in UTC',
    sensorTraits: { platform: 'sensor', device_class: 'timestamp' },
  },
  seconds: {
    toJson: whole,
    schema: WHOLE,
    words: 'seconds',
    sensorTraits: measured({
      device_class: 'duration',
      unit_of_measurement: 'min',
      suggested_display_precision: 1,
      expression: inUnitsOf('60', 2),
    }),
  },
  bytes: {
    toJson: whole,
    schema: WHOLE,
    words: 'bytes',
    sensorTraits: measured({
      device_class: 'data_size',
      unit_of_measurement: 'GB',
      suggested_display_precision: 1,
      expression: inUnitsOf('1000000000', 3),
    }),
  },
  bytes_in_total: {
    toJson: whole,
    schema: WHOLE,
    words: 'bytes, only growing',
    sensorTraits: {
      platform: 'sensor',
      device_class: 'data_size',
      unit_of_measurement: 'GB',
      state_class: 'total_increasing',
      suggested_display_precision: 1,
      expression: inUnitsOf('1000000000', 3),
    },
  },
  bytes_per_second: {
    toJson: whole,
    schema: WHOLE,
    words: 'bytes per second',
    sensorTraits: measured({
      device_class: 'data_rate',
      unit_of_measurement: 'MB/s',
      suggested_display_precision: 1,
      expression: inUnitsOf('1000000', 3),
    }),
  },
  bytes_per_day: {
    toJson: whole,
    schema: WHOLE,
    words: 'bytes per day',
    // No device class has such a unit.
    sensorTraits: measured({
      unit_of_measurement: 'GB/d',
      suggested_display_precision: 1,
      expression: inUnitsOf('1000000000', 3),
    }),
  },
  percent: {
    toJson: (raw: number | null) => (isAmount(raw) ? Math.min(raw, 100) : null),
    schema: { ...AMOUNT, maximum: 100 },
    words: 'percent, 0–100',
    sensorTraits: measured({ unit_of_measurement: '%', suggested_display_precision: 0 }),
  },
  whole_percent: {
    // Rounded down, so that 100 is not shown before the end.
    toJson: (raw: number | null) => (isAmount(raw) ? Math.floor(Math.min(raw, 100)) : null),
    schema: { ...WHOLE, maximum: 100 },
    words: 'whole percent, 0–100',
    sensorTraits: measured({ unit_of_measurement: '%', suggested_display_precision: 0 }),
  },
  ratio: {
    toJson: (raw: number | null) => (isAmount(raw) ? raw : null),
    schema: AMOUNT,
    words: 'number',
    sensorTraits: measured({ suggested_display_precision: 2 }),
  },
  count: { toJson: whole, schema: WHOLE, words: 'count', sensorTraits: measured({ suggested_display_precision: 0 }) },
  id: {
    toJson: (raw: number | null) => (raw !== null && Number.isSafeInteger(raw) ? raw : null),
    schema: { type: ['integer', 'null'] },
    words: 'number',
    sensorTraits: null,
  },
  names: {
    toJson: (raw: readonly string[] | null) =>
      raw?.flatMap((name) => sanitizeText(name) ?? []).slice(0, MAX_NAMES) ?? null,
    schema: { type: ['array', 'null'], maxItems: MAX_NAMES, items: { type: 'string', maxLength: STATE_LENGTH } },
    words: `list of at most ${MAX_NAMES} texts`,
    sensorTraits: null,
  },
} as const satisfies Record<string, KindRow<never>>;

export type ValueKind = keyof typeof VALUE_KINDS;

/** Type of a value of this kind before its conversion. */
type RawValue<K extends ValueKind> = Parameters<(typeof VALUE_KINDS)[K]['toJson']>[0];

/** Null stays null, which Home Assistant shows as “unknown”. */
function inUnitsOf(size: string, decimals: number): (value: string) => string {
  return (value) => `(${value} / ${size}) | round(${decimals}) if ${value} is number else None`;
}

function isAmount(raw: number | null): raw is number {
  return raw !== null && Number.isFinite(raw) && raw >= 0;
}

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

/** A list of words, the last {@link MAX_WORDS} of them; words that the list does not have are left out. Never an entity. */
interface WordListField<Source> extends EntityBase {
  readonly kind: 'word_list';
  readonly words: readonly string[];
  readonly value: (source: Source) => readonly string[] | null;
  readonly shown?: undefined;
  readonly appliesTo?: undefined;
}

/** A field of a state document. */
export type StateField<Source> = ValueField<Source> | WordField<Source> | WordListField<Source>;

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
  const state: Record<string, JsonValue> = {};
  for (const row of rows) if ('value' in row) state[row.key] = valueOf(row, source);
  return state;
}

/** The JSON Schema of a field. */
export function fieldSchema<Source>(row: StateField<Source>): JsonSchema {
  return { description: row.description, ...valueSchema(row) };
}

function valueSchema<Source>(row: StateField<Source>): JsonSchema {
  if (row.kind === 'word') return { enum: row.words.includes('unknown') ? row.words : [...row.words, null] };
  if (row.kind === 'word_list') return { type: ['array', 'null'], maxItems: MAX_WORDS, items: { enum: row.words } };
  return VALUE_KINDS[row.kind].schema;
}

function valueOf<Source>(row: StateField<Source>, source: Source): JsonValue {
  if (row.kind === 'word') {
    const word = row.value(source);
    if (word !== null && row.words.includes(word)) return word;
    return row.words.includes('unknown') ? 'unknown' : null;
  }
  if (row.kind === 'word_list') {
    const listed = row.value(source)?.filter((word) => row.words.includes(word));
    return listed?.slice(-MAX_WORDS) ?? null;
  }
  // The value of a row fits its own kind, as the type of the table ensures; TypeScript cannot relate the two here.
  return (VALUE_KINDS[row.kind].toJson as (raw: RawValue<ValueKind>) => JsonValue)(row.value(source));
}
