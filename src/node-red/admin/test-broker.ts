import { randomBytes } from 'node:crypto';
import type { NodeAPI } from 'node-red';
import { DsmError } from '../../dsm/errors';
import { isJsonObject } from '../../dsm/json';
import { connectOnce } from '../../mqtt/mqtt-connection';
import type { BrokerOptions } from '../../mqtt/types';
import { STORED_PASSWORD } from '../../settings/nas-settings';
import { brokerSettings, findBroker, type BrokerCredentials, type BrokerDef } from '../broker-registry';
import { tlsOptions } from '../config-nodes';
import type { BrokerTest } from './responses';
import { withVariables } from './unsaved-settings';

/** The values of the broker dialog, as the editor sends them. */
interface DialogValues {
  readonly def: BrokerDef;
  readonly credentials: BrokerCredentials;
}

/**
 * Connects once with the values of the dialog, and publishes nothing.
 * @throws DsmError ECONFIG, EPARAM for wrong values; a broker that refuses is a result
 */
export async function testBroker(RED: NodeAPI, body: unknown): Promise<BrokerTest> {
  const options = testOptions(RED, dialogValues(body));
  const startedAt = performance.now();
  const { session, problem, close } = await connectOnce(options);
  const roundTripMs = Math.round(performance.now() - startedAt);
  try {
    if (session === null) return { connected: false, kind: problem.kind, message: problem.message };
    const { version, retainAvailable } = session;
    return { connected: true, version: version === 5 ? '5' : '3.1.1', retains: retainAvailable, roundTripMs };
  } finally {
    await close();
  }
}

function dialogValues(body: unknown): DialogValues {
  if (!isJsonObject(body) || typeof body['id'] !== 'string')
    throw new DsmError('EPARAM', 'These are no values of a broker dialog');
  const { id, url, tls, clientId, protocolVersion, keepalive, credentials } = body;
  return {
    def: {
      ...{ id, type: 'active-backup-mqtt-broker', z: '', name: '', url, clientId, protocolVersion, keepalive },
      ...(typeof tls === 'string' && { tls }),
    },
    credentials: isJsonObject(credentials) ? credentials : {},
  };
}

/**
 * How to connect. A password that the user has not typed is the stored one, but only for the deployed URL and TLS configuration:
 * otherwise any user who may edit flows could have it sent to another server.
 */
function testOptions(RED: NodeAPI, { def, credentials }: DialogValues): BrokerOptions {
  const properties = withVariables(RED, def.id, def);
  const deployed = findBroker(RED, def.id);
  const tls = tlsOptions(RED, properties.tls, 'MQTT broker node');
  const settingsWith = (account: BrokerCredentials): ReturnType<typeof brokerSettings> =>
    brokerSettings(properties, withVariables(RED, def.id, account), tls);
  const typed = settingsWith(credentials);
  const clientId = testClientId(typed.clientId, deployed?.isClientIdTaken === true);
  if (credentials.password !== STORED_PASSWORD) return { ...typed, clientId };
  if (deployed?.address.url !== typed.url || deployed.address.tls !== (properties.tls ?? '')) {
    throw new DsmError(
      'ECONFIG',
      'Enter the password again: the stored one is only sent to the broker it was deployed for',
    );
  }
  const stored = RED.nodes.getCredentials(def.id) as BrokerCredentials | undefined;
  return { ...settingsWith({ ...credentials, password: stored?.password ?? '' }), clientId };
}

/** Two clients with one id disconnect each other, so the test has its own unless the configured one is free. */
function testClientId(configured: string, isTaken: boolean): string {
  if (configured !== '' && !isTaken) return configured;
  return `${configured || 'active-backup'}-test-${randomBytes(4).toString('hex')}`;
}
