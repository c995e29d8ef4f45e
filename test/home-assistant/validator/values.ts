import { shown, text } from './checks';
import type { Entity } from './entities';
import { LONGEST_STATE } from './tables';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * What of a value Home Assistant would not take as the state of an entity. Null becomes "unknown", whatever the platform.
 * @param value as the document has it; a plain payload is a string
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

/** By any of these Home Assistant knows that a sensor shows numbers. */
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
