import { isIP } from 'node:net';
import type { NasInfo } from '../active-backup/nas-info';
import type { NasDescription } from '../home-assistant/options';
import { nasIdOf } from '../node-red/nas-id';
import type { NasConnection } from '../node-red/nas-connection';
import type { PersistedState } from './persisted-state';

/** Who a NAS is in topics and in the ids of Home Assistant, which must stay the same for ever, and what it is. */
export interface NasIdentity {
  readonly nasId: string;
  readonly facts: NasDescription;
}

/** The identity of a NAS that has just said what it is. @param chosen the property `nasId`; `''`: the NAS decides */
export function identityOf(
  chosen: string,
  about: NasInfo,
  { address, name }: Pick<NasConnection, 'address' | 'name'>,
): NasIdentity {
  const url = new URL(address);
  return {
    nasId: chosen || nasIdOf(about.serialNumber, address),
    facts: {
      name: isAddress(name) ? nameOf(about) : name,
      model: about.model,
      dsmVersion: about.dsmVersion,
      activeBackupVersion: about.activeBackupVersion,
      serialNumber: about.serialNumber,
      url: url.href,
    },
  };
}

/**
 * Who a NAS was when it was last published, so that everything keeps its id while it is away; null when another NAS, or
 * another id, was chosen since. @param chosen as for {@link identityOf}
 */
export function storedIdentity(
  before: PersistedState | null,
  { address, name }: Pick<NasConnection, 'address' | 'name'>,
  chosen: string,
): NasIdentity | null {
  if (before?.address !== address || before.chosen !== chosen) return null;
  const { facts } = before;
  const own = isAddress(facts.name) ? nameOf({ ...facts, hostName: null }) : facts.name; // releases up to 0.1 took any name
  return { nasId: before.nasId, facts: { ...facts, name: isAddress(name) ? own : name } };
}

/** A NAS node without a name is called by its host, which may be an IP address: that may change, and tells nobody anything. */
function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** What a NAS calls itself, else its model and serial number; `''` when it says nothing of it. */
function nameOf({ hostName, model, serialNumber }: Pick<NasInfo, 'hostName' | 'model' | 'serialNumber'>): string {
  return hostName ?? [model, serialNumber].filter((part) => part !== null).join(' ');
}
