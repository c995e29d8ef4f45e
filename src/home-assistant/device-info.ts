import type { TaskType } from '../active-backup/codes';
import type { NasSnapshot, StorageSnapshot, TaskSnapshot } from '../monitor/snapshot';
import type { HaDeviceKind } from './entities';
import type { BridgeOptions, NasDescription, LocalizedText } from './types';
import { fitDeviceName, sanitizeText, slugOf } from './text';
import { itemsOf, objectIdOf, type HaItem } from './items';
import type { ProtectedDevice } from './protected-device';

/** The device of a discovery message. Unknown values are omitted, because Home Assistant rejects null here. */
export interface DeviceInfo {
  readonly identifiers: readonly string[];
  readonly name: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial_number?: string;
  readonly sw_version?: string;
  readonly configuration_url?: string;
  /** Identifier of the NAS device. */
  readonly via_device?: string;
}

/** A device of Home Assistant. */
export interface HaDevice {
  /** Object id of discovery and prefix of unique ids; never changes, whatever the names are. */
  readonly objectId: string;
  readonly kind: HaDeviceKind;
  /** Name in the form of an entity id; kind and number if nothing of the name is left. See `idBases`. */
  readonly slug: string;
  readonly device: DeviceInfo;
}

type NamingOptions = Pick<BridgeOptions, 'nasId' | 'language'>;

const TASK_MODELS = {
  pc: { en: 'PC backup task', de: 'Sicherungsaufgabe für PC' },
  physical_server: { en: 'Physical server backup task', de: 'Sicherungsaufgabe für physischen Server' },
  file_server: { en: 'File server backup task', de: 'Sicherungsaufgabe für Dateiserver' },
  vm: { en: 'Virtual machine backup task', de: 'Sicherungsaufgabe für virtuelle Maschine' },
  nas: { en: 'NAS backup task', de: 'Sicherungsaufgabe für NAS' },
  unknown: { en: 'Backup task', de: 'Sicherungsaufgabe' },
} as const satisfies Record<TaskType, LocalizedText>;

/** Names of items without a name. */
const NAMELESS = {
  task: { en: 'Task', de: 'Aufgabe' },
  storage: { en: 'Storage', de: 'Speicher' },
  device: { en: 'Machine', de: 'Gerät' },
} as const satisfies Record<Exclude<HaDeviceKind, 'nas'>, LocalizedText>;

const MANUFACTURER = 'Synology';

/** End of the object id of an item; the rest is the object id of the NAS device. */
const ITEM_SUFFIX = /_(task|storage|device)_\d+$/;

/** The kind of device an object id belongs to. */
export function kindOfObjectId(objectId: string, nasId: string): HaDeviceKind {
  return objectId === objectIdOf(nasId) ? 'nas' : (itemKindOf(objectId) ?? 'nas');
}

/** The object id of the NAS device to which the one of an item belongs; any other one is returned as it is. */
export function nasObjectIdOf(objectId: string): string {
  return objectId.replace(ITEM_SUFFIX, '');
}

/** Whether an object id belongs to this NAS: to the NAS device or to one of its items. */
export function isOwnObjectId(objectId: string, nasId: string): boolean {
  const own = objectIdOf(nasId);
  return objectId === own || (itemKindOf(objectId) !== null && nasObjectIdOf(objectId) === own);
}

function itemKindOf(objectId: string): Exclude<HaDeviceKind, 'nas'> | null {
  const kind = ITEM_SUFFIX.exec(objectId)?.[1];
  return kind === 'task' || kind === 'storage' || kind === 'device' ? kind : null;
}

/** The NAS device, to which Home Assistant attaches the others. */
function nasDevice(nas: NasDescription, { nasId }: NamingOptions): HaDevice {
  const objectId = objectIdOf(nasId);
  const name = sanitizeText(nas.name);
  const serialNumber = sanitizeText(nas.serialNumber);
  const dsmVersion = sanitizeText(nas.dsmVersion);
  const address = httpUrl(nas.url);
  return {
    objectId,
    kind: 'nas',
    // Without a serial number the object id may contain an IP address, which is no name.
    slug: slugOf(name ?? '') || (serialNumber === null ? 'nas' : objectId),
    device: {
      identifiers: [objectId],
      name: name === null ? 'Active Backup' : `${fitDeviceName(name)} Active Backup`,
      manufacturer: MANUFACTURER,
      model: sanitizeText(nas.model) ?? 'NAS',
      ...(serialNumber !== null && { serial_number: serialNumber }),
      ...(dsmVersion !== null && { sw_version: dsmVersion }),
      ...(address !== null && { configuration_url: address }),
    },
  };
}

/** All devices that a bridge publishes for a NAS, the NAS device first. Items not read yet are missing. */
export function buildHaDevices(
  snapshot: NasSnapshot,
  nas: NasDescription,
  options: Pick<BridgeOptions, 'nasId' | 'language' | 'devices'>,
): HaDevice[] {
  return itemsOf(snapshot, nas, options).map((item) => haDeviceOf(item, options));
}

/** The device of an item. */
export function haDeviceOf(item: HaItem, options: NamingOptions): HaDevice {
  switch (item.kind) {
    case 'nas':
      return nasDevice(item.source.nas, options);
    case 'storage':
      return storageDevice(item.id, item.source, options);
    case 'task':
      return taskDevice(item.id, item.source, options);
    case 'device':
      return protectedDeviceDevice(item.id, item.source, options);
  }
}

/** The device of a backup task. */
function taskDevice(id: number, { task }: TaskSnapshot, options: NamingOptions): HaDevice {
  return itemDevice('task', id, task.name, TASK_MODELS[task.type][options.language], options);
}

/** The device of a storage. */
function storageDevice(id: number, { shareName }: StorageSnapshot, options: NamingOptions): HaDevice {
  const model = { en: 'Active Backup storage', de: 'Active-Backup-Speicher' }[options.language];
  return itemDevice('storage', id, shareName, model, options);
}

/** The device of a protected device. */
function protectedDeviceDevice(id: number, { device }: ProtectedDevice, options: NamingOptions): HaDevice {
  const model = sanitizeText(device.os) ?? { en: 'Protected machine', de: 'Gesichertes Gerät' }[options.language];
  return itemDevice('device', id, device.name, model, options);
}

function itemDevice(
  kind: Exclude<HaDeviceKind, 'nas'>,
  id: number,
  given: string | null,
  model: string,
  { nasId, language }: NamingOptions,
): HaDevice {
  const objectId = objectIdOf(nasId, kind, id);
  const name = fitDeviceName(sanitizeText(given) ?? '') || `${NAMELESS[kind][language]} ${id}`;
  return {
    objectId,
    kind,
    slug: slugOf(sanitizeText(given) ?? '') || `${kind}_${id}`,
    device: { identifiers: [objectId], name, manufacturer: MANUFACTURER, model, via_device: objectIdOf(nasId) },
  };
}

/**
 * A http or https address without credentials; null for any other text, because Home Assistant would reject the whole
 * device.
 */
function httpUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isPlain = /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isPlain ? url.href : null;
}
