import type { IdBases } from '../home-assistant/entity-ids';
import type { NasDescription } from '../home-assistant/types';
import { type Check, isText, arrayOf, isAnyOf, orMissing, orNull, recordOf, shaped } from '../storage/checks';
import type { JsonContent } from '../storage/json-file';

/**
 * The file of a bridge (JSON): the topics it has published, so that it can clear them, and the identity of the NAS, so that
 * topics and ids stay the same while the NAS is unreachable.
 */
export interface PersistedState {
  readonly version: 1;
  /** Address of the NAS; for another address the identity is not used. */
  readonly address: string;
  /** The property `nasId` of the bridge node; for another value the identity is not used. */
  readonly chosen: string;
  readonly nasId: string;
  readonly facts: NasDescription;
  /** Topics of retained state. */
  readonly documents: readonly string[];
  /** Discovery: for each topic the platform of each component. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Discovery topics of devices that the user removed in Home Assistant. */
  readonly removed: readonly string[];
  /** For topics in {@link removed} the `uuid` of the task, if known. Missing in files of release 0.1. */
  readonly removedUuids?: Readonly<Record<string, string>>;
  /** Prefix of the entity ids of each device; it never changes. Missing in files of release 0.1. */
  readonly bases?: IdBases;
}

const CHECKS = {
  version: isAnyOf(1),
  address: isText,
  chosen: isText,
  nasId: isText,
  facts: recordOf(orNull(isText)),
  documents: arrayOf(isText),
  configs: recordOf(recordOf(isText)),
  removed: arrayOf(isText),
  removedUuids: orMissing(recordOf(isText)),
  bases: orMissing(recordOf(isText)),
} as const satisfies Record<keyof PersistedState, Check>;

/** Parses the content of the file; null if anything in it is invalid. */
export function parsePersistedState(text: string): PersistedState | null {
  try {
    const value: unknown = JSON.parse(text);
    return isPersistedState(value) ? value : null;
  } catch {
    return null;
  }
}

function isPersistedState(value: unknown): value is PersistedState {
  return shaped(CHECKS)(value);
}

/** Content of the file for the JSON store, with the parts of its warnings. */
export const PUBLISHED_FILE = {
  parse: parsePersistedState,
  content: 'Published topics',
  consequence: 'what was published before is looked for on the broker',
  whileUnread: 'until it can be, nothing is published',
} as const satisfies JsonContent<PersistedState>;
