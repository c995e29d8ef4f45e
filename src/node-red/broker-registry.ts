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

/** Where a broker is, and how it proves its identity. */
interface BrokerAddress {
  readonly url: string;
  /** Id of a `tls-config` node; `''`: none. */
  readonly tls: string;
}

/** A broker config node for the bridges that use it. */
export interface Broker {
  /** Name of the node, else its address. */
  readonly name: string;
  /** The URL and the TLS configuration (its id; `''`: none). Stored credentials are sent to a broker with both alone. */
  readonly address: BrokerAddress;
  /** Whether a bridge uses the configured client id now. */
  readonly isClientIdTaken: boolean;
  /**
   * How a bridge connects. Each bridge has its own connection and last will. Clients with the same client id would disconnect
   * each other, so the first bridge gets the configured id, and every other one the same id with its own id appended.
   * @returns the options, and a function that releases the client id
   */
  options(bridgeId: string): { options: BrokerOptions; release: () => void };
}

const BROKERS = new ConfigNodes<Broker>('MQTT broker', 'broker');

/** Registers a broker config node. It does not connect: each bridge has its own connection. */
export function registerBroker(RED: NodeFinder, node: Node<BrokerCredentials>, def: BrokerDef): void {
  BROKERS.register(node, () => {
    const settings = brokerSettings(def, node.credentials, tlsOptions(RED, def.tls, 'MQTT broker node'));
    return brokerWith(settings, node.name || settings.url, { url: settings.url, tls: def.tls ?? '' });
  });
}

function brokerWith(settings: BrokerSettings, name: string, address: BrokerAddress): Broker {
  /** The bridge that has the configured client id. */
  let owner: { readonly bridgeId: string } | null = null;
  return {
    name,
    address,
    get isClientIdTaken() {
      return owner !== null;
    },
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

/** The broker config node `id`; null when it is not deployed, or its settings are wrong. */
export function findBroker(RED: NodeFinder, id: string): Broker | null {
  return BROKERS.find(RED, id);
}
