import type { Json, JsonSchema } from './json';
import { plainText, STATE_LENGTH, TEXT_LENGTH } from './text';

/** What Home Assistant calls the kind of thing that shows a value, and how the number is to be read. */
export interface Traits {
  /** The value in the unit that is shown, as a Jinja expression: documents stay in bytes and seconds. */
  readonly expression?: (value: string) => string;
  readonly platform: 'sensor' | 'binary_sensor';
  readonly device_class?: string;
  readonly unit_of_measurement?: string;
  readonly state_class?: 'measurement';
  readonly suggested_display_precision?: number;
}

/** A kind of value: how it comes, what becomes of it in JSON, and how Home Assistant shows it. */
interface KindRow<Raw> {
  /** The last gate: whatever the NAS said, the JSON fits the schema. */
  readonly fit: (raw: Raw) => Json;
  readonly schema: JsonSchema;
  /** For the documentation. */
  readonly words: string;
  /** Null: not for an entity. */
  readonly traits: Traits | null;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const AMOUNT: JsonSchema = { type: ['number', 'null'], minimum: 0 };
const WHOLE: JsonSchema = { type: ['integer', 'null'], minimum: 0 };

const whole = (raw: number | null): Json => (isAmount(raw) ? Math.round(raw) : null);
const measured = (traits: Omit<Traits, 'platform' | 'state_class'>): Traits => ({
  platform: 'sensor',
  ...traits,
  state_class: 'measurement',
});

/** Every kind of value in a document. Which classes and units Home Assistant takes together: Home Assistant facts 1.13. */
export const KINDS = {
  text: {
    fit: (raw: string | null) => plainText(raw),
    schema: { type: ['string', 'null'], maxLength: STATE_LENGTH },
    words: 'text',
    traits: { platform: 'sensor' },
  },
  long_text: {
    fit: (raw: string | null) => plainText(raw, TEXT_LENGTH),
    schema: { type: ['string', 'null'], maxLength: TEXT_LENGTH },
    words: `text of up to ${TEXT_LENGTH} characters`,
    traits: null,
  },
  flag: {
    fit: (raw: boolean | null) => (raw === null ? null : raw ? 'ON' : 'OFF'),
    schema: { enum: ['ON', 'OFF', null] },
    words: '`ON` or `OFF`',
    traits: { platform: 'binary_sensor' },
  },
  boolean: {
    fit: (raw: boolean | null) => raw,
    schema: { type: ['boolean', 'null'] },
    words: '`true` or `false`',
    traits: null,
  },
  time: {
    fit: (raw: string | null) => (raw !== null && TIME.test(raw) ? raw : null),
    schema: { type: ['string', 'null'], pattern: TIME.source },
    words: 'time, ISO 8601 in UTC',
    traits: { platform: 'sensor', device_class: 'timestamp' },
  },
  seconds: {
    fit: whole,
    schema: WHOLE,
    words: 'seconds',
    traits: measured({
      device_class: 'duration',
      unit_of_measurement: 'min',
      suggested_display_precision: 1,
      expression: inUnitsOf('60', 2),
    }),
  },
  bytes: {
    fit: whole,
    schema: WHOLE,
    words: 'bytes',
    traits: measured({
      device_class: 'data_size',
      unit_of_measurement: 'GB',
      suggested_display_precision: 1,
      expression: inUnitsOf('1000000000', 3),
    }),
  },
  bytes_per_second: {
    fit: whole,
    schema: WHOLE,
    words: 'bytes per second',
    traits: measured({
      device_class: 'data_rate',
      unit_of_measurement: 'MB/s',
      suggested_display_precision: 1,
      expression: inUnitsOf('1000000', 3),
    }),
  },
  percent: {
    fit: (raw: number | null) => (isAmount(raw) ? Math.min(raw, 100) : null),
    schema: { ...AMOUNT, maximum: 100 },
    words: 'percent, 0–100',
    traits: measured({ unit_of_measurement: '%', suggested_display_precision: 0 }),
  },
  whole_percent: {
    // Never 100 before the end.
    fit: (raw: number | null) => (isAmount(raw) ? Math.floor(Math.min(raw, 100)) : null),
    schema: { ...WHOLE, maximum: 100 },
    words: 'whole percent, 0–100',
    traits: measured({ unit_of_measurement: '%', suggested_display_precision: 0 }),
  },
  ratio: {
    fit: (raw: number | null) => (isAmount(raw) ? raw : null),
    schema: AMOUNT,
    words: 'number',
    traits: measured({ suggested_display_precision: 2 }),
  },
  count: { fit: whole, schema: WHOLE, words: 'count', traits: measured({ suggested_display_precision: 0 }) },
  id: {
    fit: (raw: number | null) => (raw !== null && Number.isSafeInteger(raw) ? raw : null),
    schema: { type: ['integer', 'null'] },
    words: 'number',
    traits: null,
  },
} as const satisfies Record<string, KindRow<never>>;

export type Kind = keyof typeof KINDS;

/** What a value of this kind may come as. */
export type Raw<K extends Kind> = Parameters<(typeof KINDS)[K]['fit']>[0];

/** Null stays what Home Assistant reads as “unknown”. */
function inUnitsOf(size: string, decimals: number): (value: string) => string {
  return (value) => `(${value} / ${size}) | round(${decimals}) if ${value} is number else None`;
}

function isAmount(raw: number | null): raw is number {
  return raw !== null && Number.isFinite(raw) && raw >= 0;
}
