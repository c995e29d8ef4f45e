import type { Json, JsonObject } from '../../src/dsm/json';
import { rankOf } from './accounts';
import { ranksAtLeast } from './method';
import type { Api, Context, Method, Rank, WireParameters } from './method';
import { CODE, Refusal } from './refusal';
import type { Session, Sessions } from './sessions';
import type { World } from './world';

/** A call as it came, whatever carried it. */
export interface Incoming {
  readonly api: string;
  readonly method: string;
  /** As text; empty when missing. */
  readonly version: string;
  readonly parameters: WireParameters;
  readonly address: string;
  readonly sid: string | null;
  readonly synoToken: string | null;
}

/** DSM's envelope. */
export type Envelope = JsonObject & { success: boolean };

/** What a NAS needs to answer calls. */
export interface Desk {
  readonly world: World;
  readonly sessions: Sessions;
  /** The APIs that exist at this moment. */
  apis(): Readonly<Record<string, Api>>;
}

/**
 * Answers one call. The order of the checks is DSM's: API, version, method, session, permission, parameters
 * (DSM facts 4.4). The world must be settled.
 */
export function dispatch(desk: Desk, call: Incoming, setCookie: (sid: string) => void): Envelope {
  try {
    const { method, version } = findMethod(desk.apis(), call);
    const at = desk.world.settledAt;
    const session = method.needs === 'anyone' ? null : desk.sessions.use(call.sid, call, at);
    if (session !== null) checkRank(session, method.needs);
    const { address, sid } = call;
    const context: Context = { world: desk.world, session, version, address, sid, at, setCookie };
    return success(method.run(call.parameters, context));
  } catch (error) {
    if (error instanceof Refusal) return failure(error.code, error.errors);
    throw error;
  }
}

function findMethod(apis: Readonly<Record<string, Api>>, call: Incoming): { method: Method; version: number } {
  if (call.api === '' || call.method === '' || call.version === '') throw new Refusal(CODE.parameterMissing);
  const api = Object.hasOwn(apis, call.api) ? apis[call.api] : undefined;
  if (api === undefined) throw new Refusal(CODE.noSuchApi);
  const version = Number(call.version);
  if (!Number.isInteger(version) || version < api.minVersion || version > api.maxVersion) {
    throw new Refusal(CODE.noSuchVersion);
  }
  const methods = version > (api.methodsUpTo ?? Infinity) ? {} : api.methods;
  const method = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
  if (method === undefined) throw new Refusal(CODE.noSuchMethod);
  return { method, version };
}

/** A plain account has no right at all; a delegated one may have too little for this. */
function checkRank(session: Session, needs: Rank): void {
  const has = rankOf(session.account);
  if (!ranksAtLeast(has, needs)) throw new Refusal(has === 'user' ? CODE.noPermission : CODE.noDelegation);
}

export function success(data: Json | undefined): Envelope {
  return data === undefined ? { success: true } : { data, success: true };
}

export function failure(code: number, errors?: Json): Envelope {
  return { error: errors === undefined ? { code } : { code, errors }, success: false };
}
