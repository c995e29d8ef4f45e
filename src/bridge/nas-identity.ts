import { isIP } from 'node:net';
import type { NasInfo } from '../active-backup/nas-info';
import { startTimeout } from '../dsm/abort';
import type { NasDescription } from '../home-assistant/types';
import type { PersistedState } from './persisted-state';

/** The id of a NAS in topics and in Home Assistant, which never changes, and its description. */
export interface BridgeIdentity {
  readonly nasId: string;
  readonly description: NasDescription;
}

/** Address and name of a NAS config node. */
interface ConfiguredNas {
  readonly address: string;
  readonly name: string;
}

/** The identity of a NAS from its own information. @param chosen the property `nasId`; `''`: derived from the NAS */
export function identityOf(chosen: string, info: NasInfo, { address, name }: ConfiguredNas): BridgeIdentity {
  return {
    nasId: chosen || nasIdOf(info.serialNumber, address),
    description: {
      name: isAddress(name) ? ownName(info) : name,
      model: info.model,
      dsmVersion: info.dsmVersion,
      activeBackupVersion: info.activeBackupVersion,
      serialNumber: info.serialNumber,
      url: new URL(address).href,
    },
  };
}

/**
 * The identity under which a NAS was published before, for use while it is unreachable; null if the address or the property
 * `nasId` has changed since. @param chosen as for {@link identityOf}
 */
export function storedIdentity(
  before: PersistedState | null,
  { address, name }: ConfiguredNas,
  chosen: string,
): BridgeIdentity | null {
  if (before?.address !== address || before.chosen !== chosen) return null;
  const { facts } = before;
  if (!isAddress(name)) return { nasId: before.nasId, description: { ...facts, name } };
  // Release 0.1 stored any name, also an address.
  const stored = isAddress(facts.name) ? ownName({ ...facts, hostName: null }) : facts.name;
  return { nasId: before.nasId, description: { ...facts, name: stored } };
}

/** What a bridge has published, under the identity that it has now. @param before as stored; null: nothing was published */
export function stateWithIdentity(
  before: PersistedState | null,
  { nasId, description }: BridgeIdentity,
  address: string,
  chosen: string,
): PersistedState {
  const published = before ?? { documents: [], configs: {}, removed: [] };
  return { ...published, version: 1, address, chosen, nasId, facts: description };
}

/** The id of a NAS in topics and messages, `[a-z0-9_]+`: its serial number, else the host of its address. */
function nasIdOf(serialNumber: string | null, address: string): string {
  return topicLevel(serialNumber ?? '') || topicLevel(new URL(address).hostname) || 'nas';
}

/** `[a-z0-9_]*`: other characters become `_`, at the ends they are removed. */
function topicLevel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** The default name of a NAS config node is its host. An IP address is no useful name, and may change. */
function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** The host name of the NAS, else model and serial number; `''` if none is known. */
function ownName({ hostName, model, serialNumber }: Pick<NasInfo, 'hostName' | 'model' | 'serialNumber'>): string {
  return hostName ?? [model, serialNumber].filter((part) => part !== null).join(' ');
}

/** Options of a {@link NasIdResolver}. */
interface NasIdResolverOptions {
  /** The URL of the NAS; its host is the id until the serial number is known. */
  readonly address: string;
  /** Reads the serial number; null where the NAS refuses it to the account. */
  readonly readSerialNumber: (signal: AbortSignal) => Promise<string | null>;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** A message waits at most this long for the serial number. */
const READ_TIMEOUT_MS = 5000;
/** After a failed read the next attempt is made with the first message after this time. */
const RETRY_AFTER_FAILURE_MS = 60_000;
/** The same after a refusal: an administrator may have given the account the right meanwhile. */
const RETRY_AFTER_REFUSAL_MS = 3600_000;

/**
 * Finds the id of one NAS in messages, topics and Home Assistant: its serial number in lower case, else its host
 * (`docs/interface.md §2.3, §5`). The serial number is read once per connection.
 */
export class NasIdResolver {
  readonly #options: NasIdResolverOptions;
  readonly #now: () => number;
  #serialNumber: string | null = null;
  #retryAt = -Infinity;
  #reading: Promise<void> | null = null;

  constructor(options: NasIdResolverOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** The id as far as it is known; never empty. */
  get id(): string {
    return nasIdOf(this.#serialNumber, this.#options.address);
  }

  /** Reads the serial number unless it is known. Concurrent calls share one request. Never rejects. Call it after a successful response of the NAS. */
  resolve(): Promise<void> {
    if (this.#serialNumber !== null || this.#now() < this.#retryAt) return Promise.resolve();
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const timeout = startTimeout(READ_TIMEOUT_MS, []);
    try {
      this.#serialNumber = await this.#options.readSerialNumber(timeout.signal);
      this.#retryAt = this.#now() + RETRY_AFTER_REFUSAL_MS;
    } catch {
      this.#retryAt = this.#now() + RETRY_AFTER_FAILURE_MS;
    } finally {
      timeout.clear();
    }
  }
}
