import { shown } from './checks';
import { SENSOR_CLASSES } from './tables';

/** Violations by combinations of options, each of which is valid alone. */
export function sensorViolations(at: string, sensor: Readonly<Record<string, unknown>>): string[] {
  const {
    device_class: deviceClass,
    unit_of_measurement: unit,
    state_class: stateClass,
    options,
    suggested_display_precision: precision,
    last_reset_value_template: lastReset,
  } = sensor;
  const table = typeof deviceClass === 'string' ? SENSOR_CLASSES[deviceClass] : undefined;
  const isText = table?.units.length === 0;
  const violation = (wrong: boolean, words: string): string[] => (wrong ? [`${at} ${words}`] : []);
  return [
    ...violation(options !== undefined && deviceClass !== 'enum', 'has options without being an enum'),
    ...violation(options === undefined && deviceClass === 'enum', 'is an enum without options'),
    ...violation(isText && unit !== undefined, `is a ${shown(deviceClass)} with a unit`),
    ...violation(isText && stateClass !== undefined, `is a ${shown(deviceClass)} with a state class`),
    ...violation(isText && precision !== undefined, `is a ${shown(deviceClass)} with decimals`),
    ...violation(
      table !== undefined && !isText && !table.units.includes(unit as string),
      `is a ${shown(deviceClass)} in ${unit === undefined ? 'no unit' : `“${shown(unit)}”`}`,
    ),
    ...violation(
      table !== undefined && !isText && stateClass !== undefined && !table.stateClasses.includes(stateClass as string),
      `is a ${shown(deviceClass)} that cannot be a ${shown(stateClass)}`,
    ),
    ...violation(lastReset !== undefined && stateClass !== 'total', 'has a last reset without being a total'),
  ];
}
