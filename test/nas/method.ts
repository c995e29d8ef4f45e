import type { Json } from '../../src/dsm/json';
import { readParameters } from './parameters';
import type { ParameterSpecs, ParameterValues } from './parameters';
import { CODE, Refusal } from './refusal';
import type { Session } from './sessions';
import type { World } from './world';

/** Who may call a method. Each rank may do what those before it may; `anyone` needs no session. */
export const RANKS = ['anyone', 'user', 'read', 'operate', 'manage', 'admin'] as const;
export type Rank = (typeof RANKS)[number];

/** Whether an account of rank `has` may call what needs rank `needs`. */
export function ranksAtLeast(has: Rank, needs: Rank): boolean {
  return RANKS.indexOf(has) >= RANKS.indexOf(needs);
}

/** Parameters as they came: name to text. */
export type WireParameters = Readonly<Record<string, string>>;

/** Who calls, how and when. */
export interface Context {
  readonly world: World;
  /** Null only for methods that anyone may call. */
  readonly session: Session | null;
  readonly version: number;
  /** The address the call comes from. */
  readonly address: string;
  readonly sid: string | null;
  /** Now: epoch seconds of the NAS. The world is settled up to here. */
  readonly at: number;
  /** Sends the session cookie along with the answer. */
  setCookie(sid: string): void;
}

/** What the handler of a method gets, once every check has been passed. */
export interface Call<P> extends Context {
  readonly session: Session;
  readonly parameters: P;
}

/** One method of an API: who may call it, what it takes, what it does. `undefined` answers success without data. */
export interface Method {
  readonly needs: Rank;
  readonly parameters: ParameterSpecs;
  run(onTheWire: WireParameters, context: Context): Json | undefined;
}

export type Methods = Readonly<Record<string, Method>>;

/** A row of a method table. Parameters are checked before `answer` sees them. */
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
      if (session === null) throw new Refusal(CODE.noSuchSession);
      return answer({ ...context, session, parameters: readParameters(parameters, onTheWire) });
    },
  };
}

/** A row for what works without a session and takes plain text, as SYNO.API.* does. */
export function openMethod(answer: (onTheWire: WireParameters, context: Context) => Json | undefined): Method {
  return { needs: 'anyone', parameters: {}, run: answer };
}

/** One API: its name comes from the table that holds it. */
export interface Api {
  /** The path that API.Info gives. */
  readonly path: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** How parameter values are read; absent: as plain text. */
  readonly requestFormat?: 'JSON';
  /** The last version that has methods; later ones answer 103 to each (seen at version 2 of Active Backup). */
  readonly methodsUpTo?: number;
  readonly methods: Methods;
}
