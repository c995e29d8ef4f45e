import type { Node, NodeDef } from 'node-red';
import { DsmError } from '../dsm/errors';
import type { BrokerOptions } from '../mqtt/types';
import { BROKER_RULES } from '../settings/broker-settings';
import { ConfigNodes, tlsOptions, type NodeFinder } from './config-nodes';
import { Properties } from './settings';

/** Properties of the broker config node in the flow file, which may have other types (imports, `${VAR}`). */
export interface BrokerDef extends NodeDef {
  url?: unknown;
  tls?: string;
  clientId?: unknown;
  protocolVersion?: unknown;
  keepalive?: unknown;
}

/** Credentials of the broker config node. */
export interface BrokerCredentials {
  username?: string;
  password?: string;
}

/** The validated properties of a broker config node. */
export type BrokerSettings = Omit<BrokerOptions, 'clientId'> & {
  /** `''`: derived from the id of the bridge node. */
  readonly clientId: string;
};

const VERSIONS = { auto: 'auto', '5': 5, '4': 4 } as const;

/**
 * Checks the properties of a broker config node.
 * @param tls options of the chosen `tls-config` node, if any
 * @throws DsmError ECONFIG naming the property that is wrong
 */
export function brokerSettings(
  def: BrokerDef,
  credentials: BrokerCredentials | undefined,
  tls?: BrokerOptions['tls'],
): BrokerSettings {
  const properties = new Properties(def, 'MQTT broker node');
  const username = properties.credential(credentials, 'username');
  const password = properties.credential(credentials, 'password');
  const clientId = properties.parse('clientId', BROKER_RULES.clientId);
  return {
    url: brokerUrl(properties),
    clientId,
    protocolVersion: VERSIONS[properties.parse('protocolVersion', BROKER_RULES.protocolVersion)],
    keepaliveSeconds: Math.round(properties.parse('keepalive', BROKER_RULES.keepalive)),
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(tls !== undefined && { tls }),
  };
}

function brokerUrl(properties: Properties): string {
  if (properties.string('url') !== '') return properties.parse('url', BROKER_RULES.url);
  throw new DsmError('ECONFIG', 'The MQTT broker node has no address: enter one such as mqtt://homeassistant.local');
}

/** A broker config node for the bridges that use it. */
export interface Broker {
  /** Name of the node, else its address. */
  readonly name: string;
  /**
   * How a bridge connects. Each bridge has its own connection and last will. Clients with the same client id would disconnect
   * each other, so the first bridge gets the configured id, and every other one the same id with its own id appended.
   * @returns the options, and a function that releases the client id
   */
  options(bridgeId: string): { options: BrokerOptions; release: () => void };
}

const BROKERS = new ConfigNodes<Broker>('MQTT broker');

/** Registers a broker config node. It does not connect: each bridge has its own connection. */
export function registerBroker(RED: NodeFinder, node: Node<BrokerCredentials>, def: BrokerDef): void {
  BROKERS.register(node, () => {
    const settings = brokerSettings(def, node.credentials, tlsOptions(RED, def.tls, 'MQTT broker node'));
    return brokerWith(settings, node.name || settings.url);
  });
}

function brokerWith(settings: BrokerSettings, name: string): Broker {
  /** The bridge that has the configured client id. */
  let owner: { readonly bridgeId: string } | null = null;
  return {
    name,
    options(bridgeId) {
      const isAvailable = settings.clientId !== '' && (owner === null || owner.bridgeId === bridgeId);
      const claim = { bridgeId };
      if (isAvailable) owner = claim;
      const clientId = isAvailable ? settings.clientId : `${settings.clientId || 'active-backup'}-${bridgeId}`;
      return {
        options: { ...settings, clientId },
        release: () => {
          if (owner === claim) owner = null;
        },
      };
    },
  };
}

/**
 * The broker config node `id`.
 * @throws DsmError ECONFIG: none chosen, deleted or disabled, or its settings are wrong
 */
export function getBroker(RED: NodeFinder, id: string | undefined): Broker {
  return BROKERS.get(RED, id);
}
