import type { Sid } from './session';
import { isJsonObject, type Json } from './json';

/** Who logs in. */
export interface Account {
  readonly name: string;
  readonly password: string;
  /** Token of a trusted device: in place of the code of a 2-factor account. */
  readonly deviceId?: string | undefined;
}

export const AUTH_API = 'SYNO.API.Auth';

/** Version 7 belongs to DSM 7's web page and its key exchange; 6 is the newest every client uses. */
export const AUTH_VERSION = 6;

/** Names the session for the logout; an account without administrator rights is admitted under this name. DSM facts 4.6. */
const SESSION_NAME = 'ActiveBackup';

/** The name a trusted device was paired under; DSM wants it together with its token. */
export const DEVICE_NAME = 'Node-RED';

/** What a login sends, as plain values. `format: sid`, and no SynoToken is asked for, so none is needed later. */
export function loginForm({ name, password, deviceId }: Account): Record<string, string> {
  return {
    account: name,
    passwd: password,
    session: SESSION_NAME,
    format: 'sid',
    ...(deviceId !== undefined && { device_id: deviceId, device_name: DEVICE_NAME }),
  };
}

/** What a logout sends. Without the sid DSM answers success and leaves the session open. DSM facts 4.3. */
export function logoutForm(sid: Sid): Record<string, string> {
  return { session: SESSION_NAME, _sid: sid };
}

/** The session id in the answer to a login; null when there is none. */
export function sidOf(data: Json): Sid | null {
  const sid = isJsonObject(data) ? data['sid'] : undefined;
  return typeof sid === 'string' && sid !== '' ? sid : null;
}
