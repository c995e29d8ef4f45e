import type { ActiveBackup } from '../active-backup/active-backup';
import type { NasMonitor } from '../monitor/nas-monitor';
import type { TaskPoller } from '../monitor/poller';
import type { ConnectionProblem } from '../mqtt/types';
import type { Detail, DeviceChoice, Language } from '../settings/bridge-settings';
import type { Journal } from '../storage/journal';

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
