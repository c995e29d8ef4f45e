import type { About } from '../../active-backup/about';
import type { NasFacts } from '../../home-assistant/options';
import type { NasConnection } from '../registry';

/** Who a NAS is in topics and in the ids of Home Assistant, which must stay the same for ever, and what it is. */
export interface Identity {
  readonly nasId: string;
  readonly facts: NasFacts;
}

/** The identity of a NAS that has just said what it is. @param chosen the property `nasId`; `''`: the NAS decides */
export function identityOf(
  chosen: string,
  about: About,
  { address, name }: Pick<NasConnection, 'address' | 'name'>,
): Identity {
  const url = new URL(address);
  return {
    nasId: chosen || plain(about.serialNumber ?? '') || plain(url.hostname) || 'nas',
    facts: {
      name,
      model: about.model,
      dsmVersion: about.dsmVersion,
      activeBackupVersion: about.activeBackupVersion,
      serialNumber: about.serialNumber,
      url: url.href,
    },
  };
}

/** One level of a topic and part of an id: `[a-z0-9_]+`; `''` when nothing is left. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}
