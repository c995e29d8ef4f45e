import type { JsonValue, JsonSchema } from './json';
import { sanitizeText, STATE_LENGTH, TEXT_LENGTH } from './text';

/** Platform, device class and unit of a value in Home Assistant. */
export interface Traits {
  /** Jinja expression that converts the value to the displayed unit; documents contain bytes and seconds. */
  readonly expression?: (value: string) => string;
  readonly platform: 'sensor' | 'binary_sensor';
  readonly device_class?: string;
  readonly unit_of_measurement?: string;
  readonly state_class?: 'measurement';
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
} as const satisfies Record<string, KindRow<never>>;

export type ValueKind = keyof typeof VALUE_KINDS;

/** Type of a value of this kind before its conversion. */
export type RawValue<K extends ValueKind> = Parameters<(typeof VALUE_KINDS)[K]['toJson']>[0];

/** Null stays null, which Home Assistant shows as “unknown”. */
function inUnitsOf(size: string, decimals: number): (value: string) => string {
  return (value) => `(${value} / ${size}) | round(${decimals}) if ${value} is number else None`;
}

function isAmount(raw: number | null): raw is number {
  return raw !== null && Number.isFinite(raw) && raw >= 0;
}
