import { kindOfObjectId, type HaDevice } from '../home-assistant/device-info';
import { entityIdsOf, idBases, type IdBases, type KnownIds } from '../home-assistant/entity-ids';

/** Entity ids of the bridges in this process: by broker and discovery prefix, then by bridge. */
const CLAIMS = new Map<string, Map<EntityIdClaims, ReadonlySet<string>>>();

/**
 * Reserves the entity ids of one bridge against the other bridges of this process. Ids of other programs are known from their
 * retained discovery; two bridges that start at the same time would not find each other there yet.
 */
export class EntityIdClaims {
  readonly #scope: string;
  readonly #nasId: string;
  #bases: IdBases | null = null;

  /** @param scope broker and discovery prefix */
  constructor(scope: string, nasId: string) {
    this.#scope = scope;
    this.#nasId = nasId;
  }

  /** Claims the ids of bases that were chosen before, in place of the earlier claim. */
  keep(bases: IdBases): void {
    if (bases === this.#bases) return;
    this.#bases = bases;
    const ids = Object.entries(bases).flatMap(([objectId, base]) =>
      entityIdsOf(kindOfObjectId(objectId, this.#nasId), base),
    );
    const claims = CLAIMS.get(this.#scope) ?? new Map<EntityIdClaims, ReadonlySet<string>>();
    CLAIMS.set(this.#scope, claims.set(this, new Set(ids)));
  }

  /** Chooses bases for all devices and claims their ids. @see idBases */
  choose(devices: readonly HaDevice[], known: KnownIds): IdBases {
    const others = [...(CLAIMS.get(this.#scope) ?? [])].flatMap(([owner, ids]) => (owner === this ? [] : [...ids]));
    const bases = idBases(devices, this.#nasId, { ...known, reserved: new Set([...known.reserved, ...others]) });
    this.keep(bases);
    return bases;
  }

  /** Releases all claims of this bridge. */
  close(): void {
    const claims = CLAIMS.get(this.#scope);
    claims?.delete(this);
    if (claims?.size === 0) CLAIMS.delete(this.#scope);
  }
}
