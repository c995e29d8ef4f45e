import { availabilityViolations } from './availability';
import {
  attributesTemplate,
  flag,
  icon,
  isObject,
  label,
  labelOrNull,
  oneOf,
  qosOne,
  shown,
  template,
  text,
  texts,
  topicFilter,
  topicName,
  webAddress,
  wholeNumber,
} from './checks';
import { fieldViolations, type Shape } from './fields';
import { sensorViolations } from './sensor';
import { DEVICE_CLASSES, SENSOR_CLASSES, SHARED_KEYS, STATE_CLASSES, type Platform } from './tables';

const anything = (): null => null;

/** Options of every entity. Availability is judged on its own. */
const COMMON: Shape = {
  platform: anything,
  unique_id: label,
  qos: qosOne,
  'name?': labelOrNull,
  'icon?': icon,
  'entity_category?': oneOf(['diagnostic']), // `config` is for what can be set: no sensor, no event, no button of ours
  'enabled_by_default?': flag,
  'visible_by_default?': flag,
  default_entity_id: label,
  'entity_picture?': webAddress,
  'json_attributes_topic?': topicFilter,
  'json_attributes_template?': attributesTemplate,
  'message_expiry_interval?': wholeNumber,
  'encoding?': text,
  'availability?': anything,
  'availability_mode?': anything,
  'availability_topic?': topicFilter,
  'availability_template?': template,
  'payload_available?': text,
  'payload_not_available?': text,
};

/** Options of each platform. The topics may be inherited, so they are checked elsewhere. */
const PLATFORMS: Readonly<Record<Platform, Shape>> = {
  sensor: {
    'state_topic?': topicFilter,
    'value_template?': template,
    'device_class?': oneOf(Object.keys(SENSOR_CLASSES)),
    'unit_of_measurement?': label,
    'state_class?': oneOf(STATE_CLASSES),
    'options?': texts,
    'suggested_display_precision?': wholeNumber,
    'force_update?': flag,
    'expire_after?': wholeNumber,
    'last_reset_value_template?': template,
  },
  binary_sensor: {
    'state_topic?': topicFilter,
    'value_template?': template,
    'device_class?': oneOf(DEVICE_CLASSES.binary_sensor),
    'payload_on?': text,
    'payload_off?': text,
    'off_delay?': wholeNumber,
    'expire_after?': wholeNumber,
    'force_update?': flag,
  },
  button: {
    'command_topic?': topicName,
    'payload_press?': label,
    // A retained press would be pressed again by every restart of the broker's clients.
    'retain?': oneOfFalse,
    'device_class?': oneOf(DEVICE_CLASSES.button),
  },
  event: {
    'state_topic?': topicFilter,
    'value_template?': template,
    event_types: texts,
    'device_class?': oneOf(DEVICE_CLASSES.event),
  },
};

/** All options of an entity, by its platform. */
const OPTIONS = mapPlatforms((platform): Shape => ({ ...COMMON, ...PLATFORMS[platform] }));

const ENTITY_IDS = mapPlatforms((platform) => new RegExp(`^${platform}\\.[a-z0-9]+(?:_[a-z0-9]+)*$`));

function mapPlatforms<T>(make: (platform: Platform) => T): Readonly<Record<Platform, T>> {
  return {
    sensor: make('sensor'),
    binary_sensor: make('binary_sensor'),
    button: make('button'),
    event: make('event'),
  };
}

/** Violations of one entry of `components`. @param root the whole payload, whose shared keys it inherits */
export function componentViolations(
  key: string,
  component: unknown,
  objectId: string,
  root: Readonly<Record<string, unknown>>,
): string[] {
  const at = `components.${key}`;
  if (!/^[a-z][a-z0-9_]*$/.test(key)) return [`${at} is no key of small letters, digits and underscores`];
  if (!isObject(component)) return [`${at} is no object`];
  const platform = component['platform'];
  if (!isPlatform(platform)) return [`${at}.platform is none of ${Object.keys(PLATFORMS).join(', ')}`];
  // An empty component removes an entity from Home Assistant.
  if (Object.keys(component).length === 1) return [];

  const whole = { ...Object.fromEntries(SHARED_KEYS.flatMap((shared) => pick(root, shared))), ...component };
  return [
    ...fieldViolations(at, component, OPTIONS[platform]),
    ...availabilityViolations(at, component, whole),
    ...topicViolations(at, platform, whole),
    ...idViolations(at, platform, component, `${objectId}_${key}`),
    ...(platform === 'sensor' ? sensorViolations(at, component) : []),
    ...(platform === 'binary_sensor' ? payloadViolations(at, component) : []),
  ];
}

function isPlatform(value: unknown): value is Platform {
  return typeof value === 'string' && Object.hasOwn(PLATFORMS, value);
}

function oneOfFalse(value: unknown): string | null {
  return value === false ? null : 'is not false';
}

function pick(fields: Readonly<Record<string, unknown>>, key: string): [string, unknown][] {
  return Object.hasOwn(fields, key) ? [[key, fields[key]]] : [];
}

function topicViolations(at: string, platform: Platform, whole: Readonly<Record<string, unknown>>): string[] {
  const needed = platform === 'button' ? 'command_topic' : 'state_topic';
  return whole[needed] === undefined ? [`${at}.${needed} is missing, here and in the root`] : [];
}

/** The ids that everything of a user hangs on: their form is part of the interface. */
function idViolations(
  at: string,
  platform: Platform,
  { unique_id: uniqueId, default_entity_id: entityId }: Readonly<Record<string, unknown>>,
  wanted: string,
): string[] {
  return [
    ...(uniqueId === undefined || uniqueId === wanted ? [] : [`${at}.unique_id is not ${wanted}`]),
    ...(entityId === undefined || ENTITY_IDS[platform].test(shown(entityId))
      ? []
      : [`${at}.default_entity_id is not ${platform}.some_name`]),
  ];
}

function payloadViolations(
  at: string,
  { payload_on: on = 'ON', payload_off: off = 'OFF' }: Readonly<Record<string, unknown>>,
): string[] {
  return on === off ? [`${at}.payload_on and payload_off are the same`] : [];
}
