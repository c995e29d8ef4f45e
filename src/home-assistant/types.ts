import type { Language, Detail, DeviceChoice } from '../settings/bridge-settings';

/** An immutable JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | ReadonlyJsonObject;
export interface ReadonlyJsonObject {
  readonly [key: string]: JsonValue;
}

/** JSON Schema, draft 2020-12. */
export type JsonSchema = ReadonlyJsonObject;

/** A text in all supported languages. */
export type LocalizedText = Readonly<Record<Language, string>>;

/** Options of a bridge. */
export interface BridgeOptions {
  /** Without wildcards, no slash at either end. */
  readonly baseTopic: string;
  /** `[a-z0-9_]+`: one topic level, and part of every id in Home Assistant. */
  readonly nasId: string;
  readonly discoveryPrefix: string;
  /** Which entities are published by discovery; the state documents are the same at all levels. */
  readonly detail: Detail;
  /** Whether commands are accepted, so that buttons are published. */
  readonly commands: boolean;
  /** Which protected devices are published; `problems`: those with a problem. */
  readonly devices: DeviceChoice;
  /** Language of names in Home Assistant; keys and values are always English. */
  readonly language: Language;
  readonly origin: Origin;
}

/**
 * The publishing package, from package.json: shown in Home Assistant's log, and used to recognize own discovery
 * messages.
 */
export interface Origin {
  readonly name: string;
  readonly version: string;
  /** Address for bug reports. */
  readonly url: string;
}

/** Description of a NAS, as far as the account may read it. */
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
