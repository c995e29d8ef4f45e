import { entityIdsOf, idBases, type IdBases, type KnownIds } from '../home-assistant/entity-ids';
import { kindOfObjectId, type HaDevice } from '../home-assistant/device-info';

/** Entity ids that the bridges of this Node-RED ask for: by broker and discovery prefix, then by bridge. */
const CLAIMED = new Map<string, Map<IdClaims, ReadonlySet<string>>>();

/**
 * The entity ids of one bridge, which no other bridge of this Node-RED gets. Those of other programs are known from what
 * they retain at the broker; two bridges that start together would not yet see each other there.
 */
export class IdClaims {
  readonly #where: string;
  readonly #nasId: string;
  /** Of the last {@link choose}. */
  #bases: IdBases | null = null;

  /** @param where broker and discovery prefix */
  constructor(where: string, nasId: string) {
    this.#where = where;
    this.#nasId = nasId;
  }

  /** Claims the ids of bases that were chosen before. */
  keep(bases: IdBases): void {
    if (bases === this.#bases) return;
    this.#bases = bases;
    const ids = Object.entries(bases).flatMap(([objectId, base]) =>
      entityIdsOf(kindOfObjectId(objectId, this.#nasId), base),
    );
    const claimed = CLAIMED.get(this.#where) ?? new Map<IdClaims, ReadonlySet<string>>();
    CLAIMED.set(this.#where, claimed.set(this, new Set(ids)));
  }

  /** Bases for all of these things, and claims their ids. @see idBases */
  choose(things: readonly HaDevice[], known: KnownIds): IdBases {
    const others = [...(CLAIMED.get(this.#where) ?? [])].flatMap(([owner, ids]) => (owner === this ? [] : [...ids]));
    const bases = idBases(things, this.#nasId, { ...known, reserved: new Set([...known.reserved, ...others]) });
    this.keep(bases);
    return bases;
  }

  /** Gives everything back. */
  close(): void {
    const claimed = CLAIMED.get(this.#where);
    claimed?.delete(this);
    if (claimed?.size === 0) CLAIMED.delete(this.#where);
  }
}
