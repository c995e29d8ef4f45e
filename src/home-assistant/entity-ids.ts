import { platformOf } from './components';
import { ENTITIES, type HaDeviceKind } from './entities';
import type { EntityDescription } from './entity';
import { kindOfObjectId, type HaDevice } from './device-info';
import { objectIdOf } from './items';

/**
 * Prefixes of entity ids, by object id: `active_backup_a1_task_3` → `office_nas_pc_finance`. Chosen once, from the
 * names at that time, and never changed, because dashboards and automations of users refer to these ids.
 */
export type IdBases = Readonly<Record<string, string>>;

/** Ids that new id bases must respect. */
export interface KnownIds {
  /** Bases chosen before. */
  readonly bases: IdBases;
  /** Bases found in retained discovery of these devices; kept unless other devices have the same ids. */
  readonly announced: IdBases;
  /** Entity ids requested by other discovery messages. */
  readonly reserved: Pick<ReadonlySet<string>, 'has'>;
}

/** No known ids: every base is new. */
export const NO_IDS: KnownIds = { bases: {}, announced: {}, reserved: new Set() };

const SHOWN = {
  nas: shownEntities(ENTITIES.nas),
  task: shownEntities(ENTITIES.task),
  storage: shownEntities(ENTITIES.storage),
  device: shownEntities(ENTITIES.device),
} as const satisfies Record<HaDeviceKind, unknown>;

const NAS_BASE_END = '_active_backup';
/** Valid bases on a broker: short enough for the longest key. */
const BASE = /^[a-z0-9_]{1,150}$/;

/** Every entity id a device may request, whatever is published now. */
export function entityIdsOf(kind: HaDeviceKind, base: string): string[] {
  return SHOWN[kind].map(({ platform, key }) => `${platform}.${base}_${key}`);
}

/**
 * Id bases for all devices: `<nas>_active_backup` for the NAS device, `<nas>_<item>` for the others. If an id is in use, the
 * name of the NAS or item gets a number.
 * @param devices the NAS device first
 * @returns `known.bases` itself when nothing is new
 */
export function idBases(devices: readonly HaDevice[], nasId: string, known: KnownIds): IdBases {
  const added = devices.filter(({ objectId }) => !(objectId in known.bases));
  if (added.length === 0) return known.bases;
  const bases: Record<string, string> = { ...known.bases };
  const used = new Set<string>();
  const use = (kind: HaDeviceKind, base: string): void => {
    for (const id of entityIdsOf(kind, base)) used.add(id);
  };
  const isFree = (kind: HaDeviceKind, base: string): boolean =>
    entityIdsOf(kind, base).every((id) => !used.has(id) && !known.reserved.has(id));
  for (const [objectId, base] of Object.entries(bases)) use(kindOfObjectId(objectId, nasId), base);
  let nas = prefixOf(bases[objectIdOf(nasId)]);
  for (const { objectId, kind, slug } of added) {
    const announced = known.announced[objectId];
    const candidate = (number: number): string => {
      const name = number === 1 ? slug : `${slug}_${number}`;
      return kind === 'nas' ? nasBase(name, objectId) : `${nas}_${name}`;
    };
    const base =
      announced !== undefined && isFree(kind, announced) ? announced : firstFree(candidate, (id) => isFree(kind, id));
    bases[objectId] = base;
    use(kind, base);
    if (kind === 'nas') nas = prefixOf(base);
  }
  return bases;
}

/** The id base of a device from its discovery; null when its entity ids have no common prefix. */
export function announcedBase(components: Readonly<Record<string, { entityId?: string }>>): string | null {
  const bases = new Set(
    Object.entries(components).map(([key, { entityId = '' }]) => {
      const [, id = ''] = entityId.split('.');
      const base = id.slice(0, -`_${key}`.length);
      return id === `${base}_${key}` && BASE.test(base) ? base : null;
    }),
  );
  const [base = null] = bases;
  return bases.size === 1 ? base : null;
}

function shownEntities<Source>(rows: readonly EntityDescription<Source>[]): { platform: string; key: string }[] {
  return rows.filter(({ shown }) => shown !== undefined).map((row) => ({ platform: platformOf(row), key: row.key }));
}

/** A NAS without a usable name is named by its object id, which already contains the product name. */
function nasBase(name: string, objectId: string): string {
  return name.startsWith(objectId) ? name : `${name}${NAS_BASE_END}`;
}

/** The prefix for items, from the base of the NAS device. */
function prefixOf(base = ''): string {
  return base.endsWith(NAS_BASE_END) ? base.slice(0, -NAS_BASE_END.length) : base;
}

function firstFree(nth: (number: number) => string, isFree: (base: string) => boolean): string {
  let number = 1;
  while (!isFree(nth(number))) number += 1;
  return nth(number);
}
