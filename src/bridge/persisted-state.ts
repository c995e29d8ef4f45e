import type { IdBases } from '../home-assistant/entity-ids';
import type { NasDescription } from '../home-assistant/options';
import type { JsonContent } from '../storage/json-file';

/**
 * What a bridge has given to its broker, on disk: what it may clear when it is wanted no more, and who the NAS is, so that
 * everything keeps its id while the NAS is away. Plain JSON.
 */
export interface PersistedState {
  readonly version: 1;
  /** Address of the NAS; another NAS has another identity. */
  readonly address: string;
  /** The property `nasId` of the bridge; with another one the NAS is called otherwise. */
  readonly chosen: string;
  readonly nasId: string;
  readonly facts: NasDescription;
  /** Topics of retained documents. */
  readonly documents: readonly string[];
  /** Discovery, by topic: the platform of each component. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Discovery that a person removed in Home Assistant. */
  readonly removed: readonly string[];
  /** Of {@link removed}: the `uuid` of the task, as far as it is known. Missing in what releases up to 0.1 have written. */
  readonly removedUuids?: Readonly<Record<string, string>>;
  /** How the entity ids of each thing begin, for ever; missing in what releases up to 0.1 have written. */
  readonly bases?: IdBases;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isTextOrNull: Check = (value) => value === null || isText(value);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isRecordOf =
  (check: Check): Check =>
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check);

const CHECKS = {
  version: (value) => value === 1,
  address: isText,
  chosen: isText,
  nasId: isText,
  facts: isRecordOf(isTextOrNull),
  documents: isTexts,
  configs: isRecordOf(isRecordOf(isText)),
  removed: isTexts,
  removedUuids: (value) => value === undefined || isRecordOf(isText)(value),
  bases: (value) => value === undefined || isRecordOf(isText)(value),
} as const satisfies Record<keyof PersistedState, Check>;

/** Reads what {@link JSON.stringify} made of it; null when it is none, or anything in it is not as it should be. */
export function parsePersistedState(text: string): PersistedState | null {
  try {
    const read = JSON.parse(text) as Record<string, unknown> | null;
    const isGood = Object.entries(CHECKS).every(([name, check]) => check(read?.[name]));
    return isGood ? (read as unknown as PersistedState) : null;
  } catch {
    return null;
  }
}

/** What the file of a bridge is. */
export const PUBLISHED_FILE = {
  parse: parsePersistedState,
  content: 'Which topics were published',
  consequence: 'what was published before is looked for on the broker',
  whileUnread: 'until it can be, nothing is published',
} as const satisfies JsonContent<PersistedState>;
