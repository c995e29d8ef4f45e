import type { Json, JsonObject } from '../../src/dsm/json';
import { rankOf } from './accounts';
import { ranksAtLeast } from './method';
import type { Api, Context, Method, Rank, WireParameters } from './method';
import { CODE, ApiError } from './api-error';
import type { Session, Sessions } from './sessions';
import type { World } from './world';

/** A call as received, by itself or inside a batch. */
export interface IncomingCall {
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

/** State that API calls work on. */
export interface ApiContext {
  readonly world: World;
  readonly sessions: Sessions;
  /** The APIs that exist at this moment. */
  apis(): Readonly<Record<string, Api>>;
}

/**
 * Answers one call. The order of the checks is DSM's: API, version, method, session, permission, parameters
 * (docs/facts/dsm.md §4.4). Call `advanceRuns` first.
 */
export function dispatch(nas: ApiContext, call: IncomingCall, setCookie: (sid: string) => void): Envelope {
  try {
    const { method, version } = findMethod(nas.apis(), call);
    const at = nas.world.simulatedUntil;
    const session = method.needs === 'anyone' ? null : nas.sessions.use(call.sid, call, at);
    if (session !== null) checkRank(session, method.needs);
    const { address, sid } = call;
    const context: Context = { world: nas.world, session, version, address, sid, at, setCookie };
    return success(method.run(call.parameters, context));
  } catch (error) {
    if (error instanceof ApiError) return failure(error.code, error.errors);
    throw error;
  }
}

function findMethod(apis: Readonly<Record<string, Api>>, call: IncomingCall): { method: Method; version: number } {
  if (call.api === '' || call.method === '' || call.version === '') throw new ApiError(CODE.parameterMissing);
  const api = Object.hasOwn(apis, call.api) ? apis[call.api] : undefined;
  if (api === undefined) throw new ApiError(CODE.noSuchApi);
  const version = Number(call.version);
  if (!Number.isInteger(version) || version < api.minVersion || version > api.maxVersion) {
    throw new ApiError(CODE.noSuchVersion);
  }
  const methods = version > (api.methodsUpTo ?? Infinity) ? {} : api.methods;
  const method = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
  if (method === undefined) throw new ApiError(CODE.noSuchMethod);
  return { method, version };
}

/** @throws ApiError 105 for an account without any right, 1036 for one whose delegation is too low */
function checkRank(session: Session, needs: Rank): void {
  const has = rankOf(session.account);
  if (!ranksAtLeast(has, needs)) throw new ApiError(has === 'user' ? CODE.noPermission : CODE.noDelegation);
}

function success(data: Json | undefined): Envelope {
  return data === undefined ? { success: true } : { data, success: true };
}

export function failure(code: number, errors?: Json): Envelope {
  return { error: errors === undefined ? { code } : { code, errors }, success: false };
}
