import { isIP } from 'node:net';
import { nasIdOf, type NasInfo } from '../active-backup/nas-info';
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

/** The default name of a NAS config node is its host. An IP address is no useful name, and may change. */
function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** The host name of the NAS, else model and serial number; `''` if none is known. */
function ownName({ hostName, model, serialNumber }: Pick<NasInfo, 'hostName' | 'model' | 'serialNumber'>): string {
  return hostName ?? [model, serialNumber].filter((part) => part !== null).join(' ');
}
