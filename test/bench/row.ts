/** One row of the table of `npm run bench`. */
export interface Row {
  /** What was measured. */
  readonly what: string;
  /** `1,000 tasks`; `''` where nothing is counted. */
  readonly size: string;
  readonly unit: 'ms' | 'kB' | 'MB' | '%' | 'requests' | 'exponent' | 'count';
  /** The same work without this package, in the same run; null: there is none. */
  readonly floor: number | null;
  /** Null when it could not be measured, for the reason in `note`. */
  readonly ours: number | null;
  /** Limits of `ours / floor`, or of `ours` without a floor, including both; null: for information only. */
  readonly goal: { readonly min?: number; readonly max: number } | null;
  /** What a reader needs to know of this row; `''`: nothing. */
  readonly note: string;
}

/** A cost at one size, to fit how it grows. */
export interface Sample {
  /** What the size counts: `tasks`. Samples of the same text make one fit. */
  readonly of: string;
  readonly size: number;
  /** CPU in milliseconds. */
  readonly cost: number;
}

/** What one child process of the bench has measured. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly samples: readonly Sample[];
}

/** How much is measured. */
export interface Scale {
  /** Rounds of which the median counts. */
  readonly rounds: number;
  /** For the test of the bench: the smallest size and the shortest time. */
  readonly tiny: boolean;
}

/** What a child process works with. */
export interface Context {
  readonly scale: Scale;
  /** The size of this process: of tasks, devices …; 0 where there is only one. */
  readonly size: number;
  /** URL of a Mosquitto that has nothing retained. */
  readonly broker: string;
  /** Script of the process of the simulated NAS. */
  readonly nasScript: string;
  /** An empty folder that is deleted afterwards. */
  readonly folder: string;
  /** The checkout. */
  readonly root: string;
  /** Folder for CPU profiles; null: none are written. */
  readonly profile: string | null;
}

/** `ours / floor`; null without one of them. */
export function ratioOf({ floor, ours }: Row): number | null {
  return floor === null || ours === null ? null : ours / floor;
}

/** Whether a row meets its goal, with the two digits that are printed; null: it has none, or was not measured. */
export function isMet(row: Row): boolean | null {
  if (row.goal === null || row.ours === null) return null;
  const value = Number((ratioOf(row) ?? row.ours).toFixed(2));
  return value <= row.goal.max && value >= (row.goal.min ?? -Infinity);
}

/** `1,000 tasks` */
export function sizeText(size: number, what: string): string {
  return `${size.toLocaleString('en-US')} ${what}`;
}
