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
  readonly reserved: Pick<ReadonlySet<string>, 'has' | 'size'>;
  /** Bases that other bridges have chosen, one {@link UsedBases} for each. */
  readonly others?: readonly Pick<UsedBases, 'isTaken'>[];
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
  const used = UsedBases.of(bases, nasId);
  const isFree = (kind: HaDeviceKind, base: string): boolean =>
    ![used, ...(known.others ?? [])].some((each) => each.isTaken(kind, base)) &&
    (known.reserved.size === 0 || !entityIdsOf(kind, base).some((id) => known.reserved.has(id)));
  const names = new NameNumbers();
  let nas = prefixOf(bases[objectIdOf(nasId)]);
  for (const { objectId, kind, slug } of added) {
    const announced = known.announced[objectId];
    const baseOf = (name: string): string => (kind === 'nas' ? nasBase(name, objectId) : `${nas}_${name}`);
    const base =
      announced !== undefined && isFree(kind, announced)
        ? announced
        : names.firstFree(`${kind} ${slug}`, (number) => {
            const candidate = baseOf(number === 1 ? slug : `${slug}_${number}`);
            return isFree(kind, candidate) ? candidate : null;
          });
    bases[objectId] = base;
    used.add(kind, base);
    if (kind === 'nas') nas = prefixOf(base);
  }
  return bases;
}

/** Finds the first free name of many equal ones: numbers that were in use once are not tried again. */
class NameNumbers {
  /** By name. */
  readonly #next = new Map<string, number>();

  /** @param candidate the base with a number; null: it is in use */
  firstFree(name: string, candidate: (number: number) => string | null): string {
    let number = this.#next.get(name) ?? 1;
    let base = candidate(number);
    while (base === null) base = candidate((number += 1));
    this.#next.set(name, number);
    return base;
  }
}

const KINDS: readonly HaDeviceKind[] = ['nas', 'task', 'storage', 'device'];

/** Which base of one kind requests an entity id that a base of another kind requests too. */
interface Overlap {
  /** The kind of the other base. */
  readonly kind: HaDeviceKind;
  /** What the other base has less at its end, or more; `''`: they are equal. */
  readonly less: string;
  readonly more: string;
}

/**
 * Two bases request the same id if they are equal, or if one continues with the beginning of a key of the other:
 * `pc_last` + `_result` is `pc` + `_last_result`.
 */
function overlapsOf(kind: HaDeviceKind): Overlap[] {
  const overlaps = KINDS.flatMap((other) =>
    SHOWN[kind].flatMap(({ platform, key }) =>
      SHOWN[other]
        .filter((entity) => entity.platform === platform)
        .flatMap((entity): Overlap[] => {
          if (entity.key === key) return [{ kind: other, less: '', more: '' }];
          if (key.endsWith(`_${entity.key}`))
            return [{ kind: other, less: '', more: `_${key.slice(0, -entity.key.length - 1)}` }];
          return entity.key.endsWith(`_${key}`)
            ? [{ kind: other, less: `_${entity.key.slice(0, -key.length - 1)}`, more: '' }]
            : [];
        }),
    ),
  );
  return [...new Map(overlaps.map((overlap) => [JSON.stringify(overlap), overlap])).values()];
}

const OVERLAPS = {
  nas: overlapsOf('nas'),
  task: overlapsOf('task'),
  storage: overlapsOf('storage'),
  device: overlapsOf('device'),
} as const satisfies Record<HaDeviceKind, unknown>;

/** Id bases in use, without a list of all their entity ids, which are about twenty for each. */
export class UsedBases {
  readonly #bases: Readonly<Record<HaDeviceKind, Set<string>>> = {
    nas: new Set(),
    task: new Set(),
    storage: new Set(),
    device: new Set(),
  };

  /** All bases of a NAS. */
  static of(bases: IdBases, nasId: string): UsedBases {
    const used = new UsedBases();
    for (const [objectId, base] of Object.entries(bases)) used.add(kindOfObjectId(objectId, nasId), base);
    return used;
  }

  add(kind: HaDeviceKind, base: string): void {
    this.#bases[kind].add(base);
  }

  /** Whether a device of this kind and base would request an entity id of another one. @see entityIdsOf */
  isTaken(kind: HaDeviceKind, base: string): boolean {
    return OVERLAPS[kind].some(
      ({ kind: other, less, more }) =>
        base.endsWith(less) && this.#bases[other].has(base.slice(0, base.length - less.length) + more),
    );
  }
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
