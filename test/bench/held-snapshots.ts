import type { BridgedNas } from '../../src/bridge/types';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import type { NasConnection } from '../../src/client/nas-connection';

/** A NAS whose snapshots reach the bridge only when they are released, so that publishing can be measured alone. */
export interface HeldSnapshots {
  readonly nas: BridgedNas;
  /** Passes on the snapshots that were held, in order, and those that come until {@link hold}. */
  release(): void;
  /** Holds the snapshots from now on. */
  hold(): void;
}

/** Snapshots are held from the start. */
export function holdSnapshots({ monitor, activeBackup, poller }: NasConnection): HeldSnapshots {
  const held: NasSnapshot[] = [];
  let isHolding = true;
  let pass: (snapshot: NasSnapshot) => void = () => undefined;
  return {
    nas: {
      activeBackup,
      poller,
      monitor: {
        subscribe: (subscription) => {
          pass = subscription.onSnapshot;
          const onSnapshot = (snapshot: NasSnapshot): void => {
            if (isHolding) held.push(snapshot);
            else pass(snapshot);
          };
          return monitor.subscribe({ ...subscription, onSnapshot });
        },
        expireReads: () => {
          monitor.expireReads();
        },
        reportRefusal: (...args) => {
          monitor.reportRefusal(...args);
        },
      },
    },
    release: () => {
      isHolding = false;
      for (const snapshot of held.splice(0)) pass(snapshot);
    },
    hold: () => {
      isHolding = true;
    },
  };
}
