import type { Node, NodeAPI, NodeDef } from 'node-red';
import { DsmError } from '../dsm/errors';
import type { BrokerOptions } from '../mqtt/mqtt-connection';
import { BROKER_RULES } from '../settings/broker-settings';
import { Properties } from './properties';
import { tlsOptions } from './nas-registry';

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

/** Which broker config node has which settings, or why it has none; keyed by the node itself, as {@link nasOf} does. */
const BROKERS = new WeakMap<Node, Broker | DsmError>();

/** Gives a broker config node its settings. It opens nothing: each bridge has a connection of its own. */
export function registerBroker(RED: NodeAPI, node: Node<BrokerCredentials>, def: BrokerDef): void {
  try {
    const settings = brokerSettings(def, node.credentials, tlsOptions(RED, def.tls, 'MQTT broker node'));
    BROKERS.set(node, brokerWith(settings, node.name || settings.url));
  } catch (error) {
    if (!(error instanceof DsmError)) throw error;
    BROKERS.set(node, error);
    node.warn(error.message);
  }
  node.on('close', (done: () => void) => {
    BROKERS.delete(node);
    done();
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
export function getBroker(RED: NodeAPI, id: string | undefined): Broker {
  if (id === undefined || id === '')
    throw new DsmError('ECONFIG', 'No MQTT broker is chosen: open the node and choose one');
  const node = RED.nodes.getNode(id) as Node | null | undefined;
  const broker = node ? BROKERS.get(node) : undefined;
  if (broker === undefined) {
    throw new DsmError(
      'ECONFIG',
      'The chosen MQTT broker does not exist any more, or is disabled: open the node and choose another',
    );
  }
  if (broker instanceof DsmError) throw broker;
  return broker;
}
