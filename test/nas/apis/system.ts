import type { Json, JsonObject } from '../../../src/dsm/json';
import { isJsonObject } from '../../../src/dsm/json';
import { dispatch } from '../dispatch';
import type { ApiContext } from '../dispatch';
import { method } from '../method';
import type { Api, Context, Methods } from '../method';
import { CODE, ApiError } from '../api-error';
import type { SignIn } from '../sign-in';
import { authMethods } from './auth';
import { infoMethods } from './info';

/** SYNO.Entry.Request: several calls in one request (docs/facts/dsm.md §5), with the session and rights of the outer call. */
function batchMethods(nas: ApiContext): Methods {
  const one = (entry: Json, context: Context & { session: { synoToken: string | null } }): JsonObject => {
    if (!isJsonObject(entry)) throw new ApiError(CODE.badParameter, { name: 'compound', reason: 'type' });
    const { api, method: name, version, ...parameters } = entry;
    const texts = Object.entries(parameters).map(([key, value]) => [key, JSON.stringify(value)]);
    const call = {
      api: typeof api === 'string' ? api : '',
      method: typeof name === 'string' ? name : '',
      version: typeof version === 'number' ? String(version) : '',
      parameters: Object.fromEntries(texts) as Record<string, string>,
      address: context.address,
      sid: context.sid,
      synoToken: context.session.synoToken,
    };
    const answer = dispatch(nas, call, (sid) => context.setCookie(sid));
    return { api: call.api, method: call.method, version: version ?? 0, ...answer };
  };
  return {
    request: method(
      'user',
      {
        compound: { type: 'array', required: true },
        mode: { type: 'string' },
        stop_when_error: { type: 'boolean' },
      },
      (call) => {
        const result: JsonObject[] = [];
        for (const entry of call.parameters.compound) {
          const answer = one(entry, call);
          result.push(answer);
          if (call.parameters.stop_when_error === true && answer['success'] === false) break;
        }
        return { has_fail: result.some(({ success }) => success === false), result };
      },
    ),
  };
}

/** SYNO.DSM.Info: model and version; only version 2 on DSM 7, only for administrators (docs/facts/dsm.md §4.9). */
const DSM_INFO: Methods = {
  getinfo: method('admin', {}, ({ world }) => ({
    codepage: 'enu',
    model: 'DS923+',
    ram: 4096,
    serial: world.serialNumber,
    temperature: 40,
    temperature_warn: false,
    time: new Date(world.simulatedUntil * 1000).toUTCString(),
    uptime: 86_400,
    version: '69057',
    version_string: 'DSM 7.2.1-69057 Update 5',
  })),
};

/** SYNO.DSM.Network: the network name of the NAS; only for administrators. */
const DSM_NETWORK: Methods = {
  list: method('admin', {}, ({ world }) => ({
    dns: ['192.0.2.1'],
    gateway: '192.0.2.1',
    hostname: world.hostName,
    interfaces: [],
    workgroup: 'WORKGROUP',
  })),
};

/** SYNO.Core.Package: the installed packages; only for administrators. The id of Active Backup is known, the rest is a guess. */
const PACKAGES: Methods = {
  list: method('admin', { additional: { type: 'array' } }, () => ({
    packages: [{ id: 'ActiveBackup', name: 'Synology Active Backup for Business', version: '3.2.0-25051' }],
    total: 1,
  })),
};

/** The APIs of DSM itself, available even while the package is stopped. @param realNow epoch milliseconds */
export function systemApis(nas: ApiContext, signIn: SignIn, realNow: () => number): Readonly<Record<string, Api>> {
  const auth = authMethods(signIn, nas.sessions, realNow);
  return {
    'SYNO.API.Info': { path: 'entry.cgi', minVersion: 1, maxVersion: 1, methods: infoMethods(() => nas.apis()) },
    'SYNO.API.Auth': { path: 'entry.cgi', minVersion: 1, maxVersion: 7, methods: auth },
    'SYNO.DSM.Info': { path: 'entry.cgi', minVersion: 2, maxVersion: 2, methods: DSM_INFO },
    'SYNO.DSM.Network': { path: 'entry.cgi', minVersion: 1, maxVersion: 2, methods: DSM_NETWORK },
    'SYNO.Core.Package': {
      path: 'entry.cgi',
      minVersion: 1,
      maxVersion: 2,
      requestFormat: 'JSON',
      methods: PACKAGES,
    },
    'SYNO.Entry.Request': {
      path: 'entry.cgi',
      minVersion: 1,
      maxVersion: 2,
      requestFormat: 'JSON',
      methods: batchMethods(nas),
    },
  };
}
