import { shown, text } from './checks';
import type { Entity } from './entities';
import { LONGEST_STATE } from './tables';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * The reason why Home Assistant rejects a value as the state of an entity; null if it accepts it. The value null becomes
 * "unknown" on every platform.
 * @param value the value in the document; a plain payload is a string
 */
export function valueViolation({ platform, options }: Entity, value: unknown): string | null {
  if (value === null) return null;
  if (platform === 'binary_sensor') return binaryViolation(options, value);
  const { device_class: deviceClass, options: words } = options;
  if (Array.isArray(words)) return words.includes(value) ? null : 'is none of its options';
  if (deviceClass === 'timestamp') return isInstant(value) ? null : 'is no time with an offset';
  if (isNumeric(options)) return numberViolation(options, value);
  const fault = text(value);
  if (fault !== null) return fault;
  return charactersOf(shown(value)) > LONGEST_STATE ? `is longer than ${LONGEST_STATE} characters` : null;
}

function binaryViolation(options: Entity['options'], value: unknown): string | null {
  const { payload_on: on = 'ON', payload_off: off = 'OFF' } = options;
  return value === on || value === off ? null : `is neither ${shown(on)} nor ${shown(off)}`;
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value));
}

/** Whether a sensor is numeric: Home Assistant expects numbers if it has any of these options. */
function isNumeric(options: Entity['options']): boolean {
  return ['unit_of_measurement', 'state_class', 'suggested_display_precision', 'device_class'].some(
    (key) => options[key] !== undefined,
  );
}

function numberViolation(options: Entity['options'], value: unknown): string | null {
  if (typeof value !== 'number') return 'is no number';
  if (value < 0) return 'is below 0';
  return options['unit_of_measurement'] === '%' && value > 100 ? 'is above 100 %' : null;
}

/** As Python counts: an emoji is one. */
function charactersOf(value: string): number {
  return Array.from(value).length;
}
