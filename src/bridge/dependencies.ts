import type { Origin } from '../home-assistant/types';
import type { BrokerOptions } from '../mqtt/types';
import type { Store } from '../storage/json-file';
import type { BrokerLink } from './broker-link';
import type { CommandOutcome } from './command-handler';
import type { BridgeIdentity } from './nas-identity';
import type { PersistedState } from './persisted-state';
import type { BridgeTimings } from './timings';
import type { BridgedNas, BridgeSettings, BridgeStatus, OpenJournal } from './types';

/** Everything a bridge is created with. */
export interface BridgeDependencies {
  /** Id of the bridge node; the monitor stores by it which events this bridge has received. */
  readonly id: string;
  readonly settings: BridgeSettings;
  readonly identity: BridgeIdentity;
  readonly broker: BrokerOptions;
  readonly nas: BridgedNas;
  readonly origin: Origin;
  readonly published: PersistedState;
  readonly store: Pick<Store<PersistedState>, 'save'>;
  /** The detached link of the same bridge from before a deploy; null: a new one is created. */
  readonly link?: BrokerLink | null;
  /** Null: undelivered events are lost when the process ends. */
  readonly openJournal?: OpenJournal | null;
  readonly timings?: Partial<BridgeTimings>;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
}

/** Events of a bridge. */
export interface BridgeEvents {
  status: [status: BridgeStatus];
  /** The final result of a command. */
  command: [outcome: CommandOutcome];
  /** The broker has accepted the event of a finished backup. @see OutgoingEvent.key */
  delivered: [key: string];
  /** A sentence for the user. The same one may come again with the next connection. */
  warning: [message: string];
}
