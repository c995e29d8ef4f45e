import type { Json } from '../../src/dsm/json';
import { readParameters } from './parameters';
import type { ParameterSpecs, ParameterValues } from './parameters';
import { CODE, ApiError } from './api-error';
import type { Session } from './sessions';
import type { World } from './world';

/** Ranks of callers. Each includes the ranks before it; `anyone` needs no session. */
const RANKS = ['anyone', 'user', 'read', 'operate', 'manage', 'admin'] as const;
export type Rank = (typeof RANKS)[number];

/** Whether an account of rank `has` may call what needs rank `needs`. */
export function ranksAtLeast(has: Rank, needs: Rank): boolean {
  return RANKS.indexOf(has) >= RANKS.indexOf(needs);
}

/** Parameters as received: name to text. */
export type WireParameters = Readonly<Record<string, string>>;

/** Session, address and time of a call. */
export interface Context {
  readonly world: World;
  /** Null only for methods that anyone may call. */
  readonly session: Session | null;
  readonly version: number;
  /** Address of the client. */
  readonly address: string;
  readonly sid: string | null;
  /** Now: epoch seconds of the NAS, up to which runs have been simulated. */
  readonly at: number;
  /** Sends the session cookie along with the answer. */
  setCookie(sid: string): void;
}

/** Input of a method's handler, after all checks. */
export interface Call<P> extends Context {
  readonly session: Session;
  readonly parameters: P;
}

/** One method of an API. A handler that returns `undefined` answers success without data. */
export interface Method {
  readonly needs: Rank;
  readonly parameters: ParameterSpecs;
  run(onTheWire: WireParameters, context: Context): Json | undefined;
}

export type Methods = Readonly<Record<string, Method>>;

/** A row of a method table. Parameters are checked before `answer` is called. */
export function method<const S extends ParameterSpecs>(
  needs: Exclude<Rank, 'anyone'>,
  parameters: S,
  answer: (call: Call<ParameterValues<S>>) => Json | undefined,
): Method {
  return {
    needs,
    parameters,
    run: (onTheWire, context) => {
      const { session } = context;
      if (session === null) throw new ApiError(CODE.noSuchSession);
      return answer({ ...context, session, parameters: readParameters(parameters, onTheWire) });
    },
  };
}

/** A row for a method that needs no session and takes plain text, as SYNO.API.* does. */
export function openMethod(answer: (onTheWire: WireParameters, context: Context) => Json | undefined): Method {
  return { needs: 'anyone', parameters: {}, run: answer };
}

/** One API: its name comes from the table that holds it. */
export interface Api {
  /** Path in the answer of API.Info. */
  readonly path: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** Format of parameter values; absent: plain text. */
  readonly requestFormat?: 'JSON';
  /** The last version that has methods; later ones answer 103 (reported for version 2 of Active Backup). */
  readonly methodsUpTo?: number;
  readonly methods: Methods;
}
