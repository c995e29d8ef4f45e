import { Properties } from './properties';
import type { NasNodeDef } from './types';

/** Properties of the node that publishes a NAS (INTERFACE 5) as the flow file has them; imports and `${VAR}` may bring other types. */
export interface BridgeDef extends NasNodeDef {
  broker?: string;
  baseTopic?: unknown;
  nasId?: unknown;
  discovery?: unknown;
  discoveryPrefix?: unknown;
  detail?: unknown;
  commands?: unknown;
  devices?: unknown;
  /** Of the names in Home Assistant: it cannot translate what it discovers. */
  language?: unknown;
}

const DETAILS = ['minimal', 'standard', 'full'] as const;
const DEVICES = ['none', 'problems', 'all'] as const;
const LANGUAGES = ['en', 'de'] as const;

/** The bridge's own properties, checked. */
export interface BridgeSettings {
  readonly baseTopic: string;
  /** `''`: the serial number of the NAS, else its host. */
  readonly nasId: string;
  readonly discovery: boolean;
  readonly discoveryPrefix: string;
  readonly detail: (typeof DETAILS)[number];
  readonly commands: boolean;
  readonly devices: (typeof DEVICES)[number];
  readonly language: (typeof LANGUAGES)[number];
}

/** One level of a topic, and part of the ids in Home Assistant, which takes no other characters there. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;
/** Levels with a slash between them; wildcards, empty levels, control characters and the broker's own `$` topics are none. */
const TOPIC = /^(?!\$)[^/+#\p{Cc}]+(?:\/[^/+#\p{Cc}]+)*$/u;

/** @throws DsmError ECONFIG naming the property that is wrong */
export function bridgeSettings(def: BridgeDef): BridgeSettings {
  const properties = new Properties(def, 'MQTT bridge node');
  const nasId = properties.string('nasId');
  if (nasId !== '' && !ID.test(nasId)) {
    throw properties.wrong('nasId', `may have letters, digits, _ and - only, 64 at most`);
  }
  return {
    nasId,
    baseTopic: topic(properties, 'baseTopic', 'active-backup'),
    discovery: properties.boolean('discovery', true),
    discoveryPrefix: topic(properties, 'discoveryPrefix', 'homeassistant'),
    detail: properties.oneOf('detail', DETAILS, 'standard'),
    commands: properties.boolean('commands', false),
    devices: properties.oneOf('devices', DEVICES, 'none'),
    language: properties.oneOf('language', LANGUAGES, 'en'),
  };
}

function topic(properties: Properties, property: 'baseTopic' | 'discoveryPrefix', preset: string): string {
  const written = properties.string(property) || preset;
  if (TOPIC.test(written) && Buffer.byteLength(written) <= 200) return written;
  throw properties.wrong(property, `must be a topic such as ${preset}: levels with / between them, without + and #`);
}
