import { isObject, shown } from './checks';
import { payloadObject, repeated, violationsOf, type Discovery } from './discovery';

/** Violations in all discovery messages of a bridge, in their order: of each message, and between them. */
export function violationsOfSet(set: readonly Discovery[]): string[] {
  const devices = set.map(({ topic, payload }) => ({ topic, root: payloadObject(payload) ?? {} }));
  return [
    ...set.flatMap(({ topic, payload }) => violationsOf(topic, payload).map((violation) => `${topic}: ${violation}`)),
    ...repeated(set.map(({ topic }) => topic)).map((topic) => `${topic} comes twice`),
    ...repeated(devices.flatMap(({ root }) => uniqueIds(root))).map((id) => `the unique id ${id} comes twice`),
    ...viaViolations(devices),
  ];
}

/** Home Assistant creates a nameless device for an unknown `via_device`, so the named device has to come first. */
function viaViolations(devices: readonly { topic: string; root: Record<string, unknown> }[]): string[] {
  const known = new Set<unknown>();
  return devices.flatMap(({ topic, root }) => {
    const device = isObject(root['device']) ? root['device'] : {};
    const via = device['via_device'];
    const violations =
      via === undefined || known.has(via) ? [] : [`${topic}: device.via_device names ${shown(via)}, unknown so far`];
    if (Array.isArray(device['identifiers'])) for (const identifier of device['identifiers']) known.add(identifier);
    return violations;
  });
}

function uniqueIds(root: Record<string, unknown>): unknown[] {
  return isObject(root['components'])
    ? Object.values(root['components']).map((component) => (isObject(component) ? component['unique_id'] : undefined))
    : [];
}
