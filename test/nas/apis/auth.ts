import type { Json, JsonObject } from '../../../src/dsm/json';
import type { Account } from '../accounts';
import { openMethod } from '../method';
import type { Context, Methods, WireParameters } from '../method';
import { freshSecret } from '../secrets';
import { NO_SYNO_TOKEN } from '../sessions';
import type { Sessions } from '../sessions';
import type { Credentials, SignIn } from '../sign-in';

/** DSM 7 sends every account a device id of 86 characters (docs/facts/dsm.md §4.2). */
const DEVICE_ID_LENGTH = 86;

const isYes = (value: string | undefined): boolean => value === 'yes' || value === 'true';

function credentials(sent: WireParameters, version: number): Credentials {
  const since = (first: number, value: string | undefined): string | null =>
    version >= first ? (value ?? null) : null;
  return {
    account: sent['account'] ?? '',
    password: sent['passwd'] ?? '',
    sessionName: sent['session'] ?? '',
    otpCode: since(3, sent['otp_code']),
    deviceId: since(6, sent['device_id'] ?? sent['did']),
    deviceName: since(6, sent['device_name']),
    wantsDeviceToken: version >= 6 && isYes(sent['enable_device_token']),
  };
}

/** SYNO.API.Auth, versions 1 to 7 (docs/facts/dsm.md §4.2). @param realNow epoch milliseconds, for one-time codes */
export function authMethods(signIn: SignIn, sessions: Sessions, realNow: () => number): Methods {
  /** Device ids of accounts without a trusted device, the same at each login. */
  const plainDeviceIds = new WeakMap<Account, string>();
  const plainDeviceId = (account: Account): string => {
    const known = plainDeviceIds.get(account) ?? freshSecret('deviceToken').padEnd(DEVICE_ID_LENGTH, '0');
    plainDeviceIds.set(account, known);
    return known;
  };

  function login(sent: WireParameters, context: Context): Json {
    const { version, address, at } = context;
    const given = credentials(sent, version);
    const { account, deviceToken } = signIn.check(given, { address, at, realMs: realNow() });
    const synoToken = version >= 3 && isYes(sent['enable_syno_token']) ? freshSecret('synoToken') : null;
    const session = sessions.open({ account, name: given.sessionName, address, synoToken, usedAt: at });
    // With `format=sid` the sid is in the body alone, else also in a cookie (docs/facts/dsm.md §4.3).
    if (sent['format'] !== 'sid' || version < 2) context.setCookie(session.sid);
    const deviceId = account.deviceTokens === 'empty' ? '' : (deviceToken ?? plainDeviceId(account));
    return {
      ...(version >= 7 ? { account: account.name, device_id: deviceId, ik_message: '' } : {}),
      ...(version === 6 ? { did: deviceId } : {}),
      ...(version >= 2 ? { sid: session.sid } : {}),
      ...(version >= 3 ? { is_portal_port: false } : {}),
      ...synoTokenField(synoToken, version),
    };
  }

  /** Without a sid DSM answers success and closes nothing (docs/facts/dsm.md §4.3). */
  function logout(_sent: WireParameters, { sid }: Context): undefined {
    if (sid !== null) sessions.end(sid);
  }

  return { login: openMethod(login), logout: openMethod(logout) };
}

function synoTokenField(synoToken: string | null, version: number): JsonObject {
  if (synoToken !== null) return { synotoken: synoToken };
  return version >= 7 ? { synotoken: NO_SYNO_TOKEN } : {};
}
