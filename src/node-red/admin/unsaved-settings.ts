import type { NodeAPI } from 'node-red';
import { isAsStrict } from '../../dsm/certificate';
import { DsmError } from '../../dsm/errors';
import { isJsonObject } from '../../dsm/json';
import { deployedNas, tlsOptions } from '../nas-registry';
import { STORED_PASSWORD } from '../../settings/nas-settings';
import { VARIABLE } from '../../settings/rules';
import { nasSettings, type NasCredentials, type NasDef, type NasSettings } from '../settings';

/** The values in the NAS dialog, as the editor sends them. */
export interface DialogValues {
  readonly def: NasDef;
  readonly credentials: NasCredentials;
}

/** @throws DsmError EPARAM when the body is none of the dialog */
export function dialogValues(body: unknown): DialogValues {
  if (!isJsonObject(body) || typeof body['id'] !== 'string')
    throw new DsmError('EPARAM', 'These are no values of a NAS dialog');
  const { credentials, ...def } = body;
  return {
    def: { ...def, type: 'active-backup-nas', z: '', name: '' } as unknown as NasDef,
    credentials: isJsonObject(credentials) ? credentials : {},
  };
}

/**
 * The settings in the dialog, checked as a deployment would check them. Secrets the person has not typed are the stored
 * ones – but only for the address they were stored for, and no NAS that would not have got them from there: otherwise anyone who may edit could have them sent to himself.
 * @throws DsmError ECONFIG
 */
export function dialogSettings(RED: NodeAPI, { def, credentials }: DialogValues): NasSettings {
  const properties = withVariables(RED, def.id, def);
  const tls = tlsOptions(RED, properties.tls);
  const settingsWith = (account: NasCredentials): NasSettings =>
    nasSettings(properties, withVariables(RED, def.id, account), tls);
  if (credentials.password !== STORED_PASSWORD && credentials.deviceId !== STORED_PASSWORD)
    return settingsWith(credentials);
  // Any password will do to find out where it would go.
  const { url, certificate } = settingsWith(credentials).diskStation;
  const deployed = deployedNas(RED, def.id);
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

/** Values with every `${VAR}` replaced: Node-RED does that when it makes a node; a dialog's values have not been through it. */
export function withVariables<T extends object>(RED: NodeAPI, id: string, values: T): T {
  // @types wants a node; without one the core looks into the environment alone.
  const node = RED.nodes.getNode(id);
  const resolved = Object.entries(values).map(([name, value]: [string, unknown]) => {
    const variable = typeof value === 'string' ? VARIABLE.exec(value) : null;
    const found: unknown = variable && RED.util.getSetting(node, variable[1] ?? variable[2] ?? '');
    return [name, found ?? value] as const;
  });
  return Object.fromEntries(resolved) as T;
}
