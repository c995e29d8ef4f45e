import type { ActiveBackup } from '../active-backup/active-backup';
import type { Origin } from '../home-assistant/options';
import type { NasMonitor } from '../monitor/nas-monitor';
import type { TaskPoller } from '../monitor/poller';
import type { BrokerOptions, ConnectionProblem } from '../mqtt/types';
import type { Detail, DeviceChoice, Language } from '../settings/bridge-settings';
import type { Journal } from '../storage/journal';
import type { Store } from '../storage/json-file';
import type { BrokerLink } from './broker-link';
import type { CommandOutcome } from './command-handler';
import type { BridgeIdentity } from './nas-identity';
import type { PersistedState } from './persisted-state';
import type { BridgeTimings } from './timings';

/** Settings of a bridge node. */
export interface BridgeSettings {
  readonly baseTopic: string;
  /** `''`: the serial number of the NAS, or its host if the serial number is not available. */
  readonly nasId: string;
  readonly discovery: boolean;
  readonly discoveryPrefix: string;
  readonly detail: Detail;
  readonly commands: boolean;
  readonly devices: DeviceChoice;
  readonly language: Language;
}

/** The parts of a NAS that a bridge uses. */
export interface BridgedNas {
  readonly activeBackup: Pick<ActiveBackup, 'authorize' | 'call' | 'listTasks'>;
  readonly poller: Pick<TaskPoller, 'pollNow' | 'expectChange'>;
  readonly monitor: Pick<NasMonitor, 'subscribe' | 'expireReads' | 'reportRefusal'>;
}

/** Opens the file of undelivered events. @param lines the lines that the file is to contain */
export type OpenJournal = (lines: () => readonly string[]) => Journal;

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

/** Status of a bridge, shown under its node. */
export type BridgeStatus =
  | { readonly is: 'connecting' }
  | { readonly is: 'problem'; readonly problem: ConnectionProblem }
  /** Another bridge publishes this NAS on this broker. */
  | { readonly is: 'standby' }
  | { readonly is: 'purged' }
  | {
      readonly is: 'published';
      /** Number of tasks; null before the first successful poll. */
      readonly tasks: number | null;
      readonly online: boolean;
      /** A retained topic that the broker refuses; null: none. */
      readonly refused: string | null;
    };

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
