import type { NodeAPI } from 'node-red';
import { isAsStrict } from '../../dsm/certificate';
import { DsmError } from '../../dsm/errors';
import { isJsonObject } from '../../dsm/json';
import { STORED_PASSWORD } from '../../settings/nas-settings';
import { VARIABLE } from '../../settings/rules';
import { tlsOptions } from '../config-nodes';
import { findNas } from '../nas-registry';
import type { NasSettings } from '../../client/nas-connection';
import { nasSettings, type NasCredentials, type NasDef } from '../settings';

/** The values of the NAS dialog, as the editor sends them. */
export interface DialogValues {
  readonly def: NasDef;
  readonly credentials: NasCredentials;
}

/** Parses the body of a request of the NAS dialog. @throws DsmError EPARAM when it is no such body */
export function dialogValues(body: unknown): DialogValues {
  if (!isJsonObject(body) || typeof body['id'] !== 'string')
    throw new DsmError('EPARAM', 'These are no values of a NAS dialog');
  const { id, tls, credentials, ...others } = body;
  const { host, port, https, verifyCertificate, fingerprint } = others;
  const { access, pollInterval, activePollInterval, overdueHours, quietHours, timeout } = others;
  return {
    def: {
      ...{ id, type: 'active-backup-nas', z: '', name: '', host, port, https, verifyCertificate, fingerprint },
      ...{ access, pollInterval, activePollInterval, overdueHours, quietHours, timeout },
      ...(typeof tls === 'string' && { tls }),
    },
    credentials: isJsonObject(credentials) ? credentials : {},
  };
}

/**
 * The settings of the dialog, checked as in a deploy. Secrets that the user has not typed are read from the stored credentials,
 * but only for the deployed address and a certificate check at least as strict: otherwise any user who may edit flows could
 * have the stored password sent to another server.
 * @throws DsmError ECONFIG
 */
export function dialogSettings(RED: NodeAPI, { def, credentials }: DialogValues): NasSettings {
  const properties = withVariables(RED, def.id, def);
  const tls = tlsOptions(RED, properties.tls, 'NAS node');
  const settingsWith = (account: NasCredentials): NasSettings =>
    nasSettings(properties, withVariables(RED, def.id, account), tls);
  if (credentials.password !== STORED_PASSWORD && credentials.deviceId !== STORED_PASSWORD)
    return settingsWith(credentials);
  // The address does not depend on the password.
  const { url, certificate } = settingsWith(credentials).diskStation;
  const deployed = findNas(RED, def.id);
  if (deployed?.address !== url.href) {
    throw new DsmError(
      'ECONFIG',
      'Enter the password again: the stored one is only sent to the address it was deployed for',
    );
  }
  if (url.protocol === 'https:' && !isAsStrict(certificate, deployed.certificate)) {
    throw new DsmError(
      'ECONFIG',
      'Enter the password again: the stored one is only sent to a NAS that proves itself as it was deployed (certificate check, fingerprint, TLS configuration)',
    );
  }
  const stored = RED.nodes.getCredentials(def.id) as NasCredentials | undefined;
  return settingsWith({ ...credentials, ...secretsOf(credentials, stored) });
}

function secretsOf(typed: NasCredentials, stored: NasCredentials | undefined): NasCredentials {
  const secrets: NasCredentials = {};
  for (const name of ['password', 'deviceId'] as const) {
    if (typed[name] === STORED_PASSWORD) secrets[name] = stored?.[name] ?? '';
  }
  return secrets;
}

/** Replaces every `${VAR}`, as Node-RED does when it creates a node; the values of a dialog come without that. */
export function withVariables<T extends object>(RED: NodeAPI, id: string, values: T): T {
  // @types/node-red requires a node; without one Node-RED reads the process environment only.
  const node = RED.nodes.getNode(id);
  const resolved = Object.entries(values).map(([name, value]: [string, unknown]) => {
    const variable = typeof value === 'string' ? VARIABLE.exec(value) : null;
    const found: unknown = variable && RED.util.getSetting(node, variable[1] ?? variable[2] ?? '');
    return [name, found ?? value] as const;
  });
  return Object.fromEntries(resolved) as T;
}
