import type { Detail, DeviceChoice, Language } from '../settings/bridge-settings';

/** What a bridge is set to. */
export interface BridgeOptions {
  /** Without wildcards, no slash at either end. */
  readonly baseTopic: string;
  /** `[a-z0-9_]+`: one topic level, and part of every id in Home Assistant. */
  readonly nasId: string;
  readonly discoveryPrefix: string;
  /** Which entities Home Assistant is told of; the documents are the same for all. */
  readonly detail: Detail;
  /** Whether commands are taken, so that there are buttons. */
  readonly commands: boolean;
  /** Which machines have a device of their own; `problems`: those that need a look. */
  readonly devices: DeviceChoice;
  /** Of the names in Home Assistant; keys and words stay English. */
  readonly language: Language;
  readonly origin: Origin;
}

/** Who publishes, for Home Assistant's log and for the owner of a config to be known: from package.json. */
export interface Origin {
  readonly name: string;
  readonly version: string;
  /** Where to report a fault. */
  readonly url: string;
}

/** What a NAS is, as far as the account may know. */
export interface NasDescription {
  readonly name: string;
  readonly model: string | null;
  /** `DSM 7.2.1-69057` */
  readonly dsmVersion: string | null;
  readonly activeBackupVersion: string | null;
  readonly serialNumber: string | null;
  /** Address of DSM, http or https, without credentials. */
  readonly url: string;
}
