/*
 * Discovery payloads that Home Assistant accepts, as far as backups need them (docs/facts/home-assistant.md §1.3, §1.12,
 * 1.13 and 3, checked against the source of 2026.11). Nothing here comes from the entity tables that it checks. Where
 * releases differ, only what all of them since 2024.12 take is listed.
 */

/** Checks the value of a key. @returns null if valid, else the violation, as the predicate of a sentence about the key */
export type Check = (value: unknown) => string | null;

export type Platform = 'sensor' | 'binary_sensor' | 'button' | 'event';

/** Keys that components inherit from the root unless they have them themselves. */
export const SHARED_KEYS = [
  'availability',
  'availability_mode',
  'availability_topic',
  'availability_template',
  'payload_available',
  'payload_not_available',
  'state_topic',
  'command_topic',
  'qos',
  'encoding',
] as const;

/** Units and state classes of each device class of a sensor; a class that is missing here is not used for backups. */
export const SENSOR_CLASSES: Readonly<Record<string, { units: readonly string[]; stateClasses: readonly string[] }>> = {
  timestamp: { units: [], stateClasses: [] },
  date: { units: [], stateClasses: [] },
  enum: { units: [], stateClasses: [] },
  duration: { units: ['d', 'h', 'min', 's', 'ms'], stateClasses: ['measurement', 'total', 'total_increasing'] },
  data_size: {
    units: [
      ...['bit', 'kbit', 'Mbit', 'Gbit', 'B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'],
      ...['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'],
    ],
    stateClasses: ['measurement', 'total', 'total_increasing'],
  },
  data_rate: {
    units: ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'B/s', 'kB/s', 'MB/s', 'GB/s', 'KiB/s', 'MiB/s', 'GiB/s'],
    stateClasses: ['measurement'],
  },
};

/** `measurement_angle` is left out: nothing about a backup is an angle. */
export const STATE_CLASSES = ['measurement', 'total', 'total_increasing'] as const;

/** Device classes of the other platforms. */
export const DEVICE_CLASSES: Readonly<Record<Exclude<Platform, 'sensor'>, readonly string[]>> = {
  binary_sensor: [
    ...['battery', 'battery_charging', 'carbon_monoxide', 'cold', 'connectivity', 'door', 'garage_door', 'gas', 'heat'],
    ...[
      'light',
      'lock',
      'moisture',
      'motion',
      'moving',
      'occupancy',
      'opening',
      'plug',
      'power',
      'presence',
      'problem',
    ],
    ...['running', 'safety', 'smoke', 'sound', 'tamper', 'update', 'vibration', 'window'],
  ],
  button: ['identify', 'restart', 'update'],
  event: ['doorbell', 'button', 'motion'],
};

/** Attributes that Home Assistant reserves, and drops from the messages of a topic. */
export const RESERVED_ATTRIBUTES: readonly string[] = [
  ...['assumed_state', 'available', 'device_class', 'device_info', 'entity_category', 'entity_id', 'entity_picture'],
  ...['entity_registry_enabled_default', 'extra_state_attributes', 'force_update', 'friendly_name', 'group_entities'],
  ...['icon', 'name', 'should_poll', 'state', 'supported_features', 'unique_id', 'unit_of_measurement'],
  ...['last_reset', 'state_class', 'event_types'],
];

/** Longest state, in characters. */
export const LONGEST_STATE = 255;
/** Attributes from this size on are not recorded, in bytes. */
export const ATTRIBUTES_LIMIT = 16_384;
