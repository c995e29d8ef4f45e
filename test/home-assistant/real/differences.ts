import { entitiesOf, type Entity } from '../validator/entities';
import { payloadObject } from '../validator/discovery';
import { isObject, shown, templateKey, templateNumber } from '../validator/checks';
import type { HaApi, HaDevice, HaEntity } from './api';

/** Retained messages of a broker: topic → payload. */
export type Retained = ReadonlyMap<string, string>;

const CONFIG = /\/device\/[^/]+\/config$/;

/** Differences between Home Assistant and the retained messages: devices, hierarchy, entities, states. */
export async function differences(retained: Retained, api: HaApi): Promise<string[]> {
  const [devices, entities] = [await api.devices(), await api.entities()];
  const set = [...retained].filter(([topic]) => CONFIG.test(topic)).map(([topic, payload]) => ({ topic, payload }));
  if (set.length === 0) return ['the broker holds no discovery'];
  const announced = entitiesOf(set);
  const known = new Set(announced.map(({ options }) => shown(options['unique_id'])));
  return [
    ...set.flatMap(({ payload }) => deviceDifferences(payload, devices)),
    ...announced.flatMap((entity) => entityDifferences(entity, retained, entities)),
    ...[...entities.keys()].filter((id) => !known.has(id)).map((id) => `${id} exists, but no discovery announces it`),
  ];
}

function deviceDifferences(payload: string, devices: ReadonlyMap<string, HaDevice>): string[] {
  const device = payloadObject(payload)?.['device'];
  if (!isObject(device) || !Array.isArray(device['identifiers'])) return ['a device without identifiers'];
  const [id] = device['identifiers'] as string[];
  const found = devices.get(id ?? '');
  if (found === undefined) return [`there is no device ${id}`];
  const via = device['via_device'] === undefined ? null : (devices.get(shown(device['via_device']))?.id ?? 'none');
  return [
    ...(found.name === device['name'] ? [] : [`${id} is called ${found.name}`]),
    ...(found.viaDeviceId === via ? [] : [`${id} does not hang below ${shown(device['via_device'])}`]),
  ];
}

function entityDifferences(
  { platform, options }: Entity,
  retained: Retained,
  entities: ReadonlyMap<string, HaEntity>,
): string[] {
  const id = shown(options['unique_id']);
  const found = entities.get(id);
  if (found === undefined) return [`there is no entity ${id}`];
  const isDisabled = options['enabled_by_default'] === false;
  if (isDisabled !== (found.disabledBy !== null)) return [`${id} is disabled by ${found.disabledBy}`];
  if (isDisabled) return [];
  const fits = isAvailable(options, retained)
    ? stateFits(platform, options, retained)
    : (state: string): boolean => state === 'unavailable';
  return found.state !== null && fits(found.state) ? [] : [`${found.entityId} is ${found.state}`];
}

function isAvailable(options: Entity['options'], retained: Retained): boolean {
  const list = Array.isArray(options['availability']) ? options['availability'].filter(isObject) : [];
  return list.every(({ topic, payload_available: yes = 'online' }) => retained.get(shown(topic)) === yes);
}

/** The state that a document means. */
function stateFits(
  platform: Entity['platform'],
  options: Entity['options'],
  retained: Retained,
): (state: string) => boolean {
  if (platform === 'button' || platform === 'event')
    return (state) => state === 'unknown' || !Number.isNaN(Date.parse(state));
  const payload = retained.get(shown(options['state_topic'])) ?? '';
  const template = shown(options['value_template']);
  const key = templateKey(template);
  const value = key === null ? payload : payloadObject(payload)?.[key];
  // Home Assistant reads this word as null, even where a user has chosen it as a name.
  if (value === null || value === 'None') return (state) => state === 'unknown';
  if (platform === 'binary_sensor') {
    const { payload_on: on = 'ON' } = options;
    return (state) => state === (value === on ? 'on' : 'off');
  }
  if (options['device_class'] === 'timestamp') return (state) => seconds(state) === seconds(shown(value));
  // Python and JavaScript round halves differently.
  return typeof value === 'number'
    ? (state) => Math.abs(Number(state) - templateNumber(template, value)) < 0.011
    : (state) => state === shown(value).trim();
}

/** Home Assistant omits milliseconds. */
function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
