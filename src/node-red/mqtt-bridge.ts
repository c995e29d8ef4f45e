import type { BridgeSettings } from '../bridge/types';
import { BRIDGE_FLAGS, BRIDGE_RULES } from '../settings/bridge-settings';
import { Properties } from './settings';
import type { NasNodeDef } from './types';

/** Properties of the MQTT bridge node (docs/interface.md §5) as the flow file has them; imports and `${VAR}` may bring other types. */
export interface BridgeDef extends NasNodeDef {
  broker?: string;
  baseTopic?: unknown;
  nasId?: unknown;
  discovery?: unknown;
  discoveryPrefix?: unknown;
  detail?: unknown;
  commands?: unknown;
  devices?: unknown;
  /** Language of the names in Home Assistant. */
  language?: unknown;
}

/** Parses the properties of a bridge node. @throws DsmError ECONFIG naming the wrong property */
export function bridgeSettings(def: BridgeDef): BridgeSettings {
  const properties = new Properties(def, 'MQTT bridge node');
  return {
    nasId: properties.parse('nasId', BRIDGE_RULES.nasId),
    baseTopic: properties.parse('baseTopic', BRIDGE_RULES.baseTopic),
    discovery: properties.boolean('discovery', BRIDGE_FLAGS.discovery),
    discoveryPrefix: properties.parse('discoveryPrefix', BRIDGE_RULES.discoveryPrefix),
    detail: properties.parse('detail', BRIDGE_RULES.detail),
    commands: properties.boolean('commands', BRIDGE_FLAGS.commands),
    devices: properties.parse('devices', BRIDGE_RULES.devices),
    language: properties.parse('language', BRIDGE_RULES.language),
  };
}
