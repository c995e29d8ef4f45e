import type { Node, NodeDef } from 'node-red';
import { DsmError } from '../dsm/errors';
import type { BrokerOptions } from '../mqtt/mqtt-connection';
import { BROKER_RULES } from '../settings/broker-settings';
import { ConfigNodes, tlsOptions, type NodeFinder } from './config-nodes';
import { Properties } from './properties';

/** Properties of the broker config node (INTERFACE 5) as the flow file has them; imports and `${VAR}` may bring other types. */
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

/** The broker config node's properties, checked. */
export type BrokerSettings = Omit<BrokerOptions, 'clientId'> & {
  /** As the person wants it; `''`: made from the id of the node that connects. */
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

/** What one broker config node offers the bridges that use it. */
export interface Broker {
  /** As a person called it, else its address. */
  readonly name: string;
  /**
   * How to connect. Every bridge is a client of its own, with a last will of its own; two with the same client id would
   * throw each other out, so the first one gets the id that was chosen, and every other the same with its own id behind.
   * @returns the options, and what gives the client id back
   */
  options(bridgeId: string): { options: BrokerOptions; release: () => void };
}

const BROKERS = new ConfigNodes<Broker>('MQTT broker');

/** Gives a broker config node its settings. It opens nothing: each bridge has a connection of its own. */
export function registerBroker(RED: NodeFinder, node: Node<BrokerCredentials>, def: BrokerDef): void {
  BROKERS.register(node, () => {
    const settings = brokerSettings(def, node.credentials, tlsOptions(RED, def.tls, 'MQTT broker node'));
    return brokerWith(settings, node.name || settings.url);
  });
}

function brokerWith(settings: BrokerSettings, name: string): Broker {
  let owner: { readonly bridgeId: string } | null = null;
  return {
    name,
    options(bridgeId) {
      const own = `active-backup-${bridgeId}`;
      const isFree = settings.clientId !== '' && (owner === null || owner.bridgeId === bridgeId);
      const seat = { bridgeId };
      if (isFree) owner = seat;
      const chosen = isFree ? settings.clientId : `${settings.clientId}-${bridgeId}`;
      return {
        options: { ...settings, clientId: settings.clientId === '' ? own : chosen },
        release: () => {
          if (owner === seat) owner = null;
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
