import type { TaskType } from '../active-backup/codes';
import type { Picture, StoragePicture, TaskPicture } from '../monitor/picture';
import type { ThingKind } from './entities';
import type { BridgeOptions, NasFacts } from './options';
import { fittingName, plainText, slugOf } from './text';
import { announcedMachines, storagesOf, tasksOf, type Machine } from './things';
import type { Words } from './words';

/** A device as discovery announces it. What is not known is left out: Home Assistant refuses null here. */
export interface DeviceBlock {
  readonly identifiers: readonly string[];
  readonly name: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial_number?: string;
  readonly sw_version?: string;
  readonly configuration_url?: string;
  /** Identifier of the hub. */
  readonly via_device?: string;
}

/** What a device is in Home Assistant. */
export interface Identity {
  /** Stays the same for ever, whatever the names are: the object id of discovery and the beginning of unique ids. */
  readonly objectId: string;
  readonly kind: ThingKind;
  /** How its name looks in an entity id; where nothing is left of it, its kind and number. See `idBases`. */
  readonly slug: string;
  readonly device: DeviceBlock;
}

type ThingIds = Pick<BridgeOptions, 'nasId' | 'language'>;

const TASK_MODELS = {
  pc: { en: 'PC backup task', de: 'Sicherungsaufgabe für PC' },
  physical_server: { en: 'Physical server backup task', de: 'Sicherungsaufgabe für physischen Server' },
  file_server: { en: 'File server backup task', de: 'Sicherungsaufgabe für Dateiserver' },
  vm: { en: 'Virtual machine backup task', de: 'Sicherungsaufgabe für virtuelle Maschine' },
  nas: { en: 'NAS backup task', de: 'Sicherungsaufgabe für NAS' },
  unknown: { en: 'Backup task', de: 'Sicherungsaufgabe' },
} as const satisfies Record<TaskType, Words>;

/** Names of things that have none. */
const NAMELESS = {
  task: { en: 'Task', de: 'Aufgabe' },
  storage: { en: 'Storage', de: 'Speicher' },
  device: { en: 'Machine', de: 'Gerät' },
} as const satisfies Record<Exclude<ThingKind, 'nas'>, Words>;

const MANUFACTURER = 'Synology';

/** @returns the object id of the hub, or of a thing of it */
export function objectIdOf(nasId: string, kind: ThingKind = 'nas', id = 0): string {
  return kind === 'nas' ? `active_backup_${nasId}` : `active_backup_${nasId}_${kind}_${id}`;
}

/** What kind of thing an object id stands for. */
export function kindOfObject(objectId: string, nasId: string): ThingKind {
  const [, kind = 'nas'] = objectId === objectIdOf(nasId) ? [] : (/_(task|storage|device)_\d+$/.exec(objectId) ?? []);
  return kind as ThingKind;
}

/** The hub. */
export function nasIdentity(nas: NasFacts, { nasId }: ThingIds): Identity {
  const objectId = objectIdOf(nasId);
  const name = plainText(nas.name);
  const serialNumber = plainText(nas.serialNumber);
  const address = httpUrl(nas.url);
  return {
    objectId,
    kind: 'nas',
    // Without a serial number the object id may be made of an IP address, which is no name.
    slug: slugOf(name ?? '') || (serialNumber === null ? 'nas' : objectId),
    device: {
      identifiers: [objectId],
      name: name === null ? 'Active Backup' : `${fittingName(name)} Active Backup`,
      manufacturer: MANUFACTURER,
      model: plainText(nas.model) ?? 'NAS',
      ...optional('serial_number', serialNumber),
      ...optional('sw_version', plainText(nas.dsmVersion)),
      ...optional('configuration_url', address),
    },
  };
}

/** Everything that a bridge announces of a NAS, the hub first. What the NAS has not told of yet is not among them. */
export function identitiesOf(
  picture: Picture,
  nas: NasFacts,
  options: Pick<BridgeOptions, 'nasId' | 'language' | 'devices'>,
): Identity[] {
  return [
    nasIdentity(nas, options),
    ...(storagesOf(picture) ?? []).map(({ id, source }) => storageIdentity(id, source, options)),
    ...(tasksOf(picture) ?? []).map(({ id, source }) => taskIdentity(id, source, options)),
    ...announcedMachines(picture, options.devices).map(({ id, source }) => machineIdentity(id, source, options)),
  ];
}

/** A backup task. */
export function taskIdentity(id: number, { task }: TaskPicture, options: ThingIds): Identity {
  return thingIdentity('task', id, task.name, TASK_MODELS[task.type][options.language], options);
}

/** A storage. */
export function storageIdentity(id: number, { shareName }: StoragePicture, options: ThingIds): Identity {
  const model = { en: 'Active Backup storage', de: 'Active-Backup-Speicher' }[options.language];
  return thingIdentity('storage', id, shareName, model, options);
}

/** A protected machine. */
export function machineIdentity(id: number, { device }: Machine, options: ThingIds): Identity {
  const model = plainText(device.os) ?? { en: 'Protected machine', de: 'Gesichertes Gerät' }[options.language];
  return thingIdentity('device', id, device.name, model, options);
}

function thingIdentity(
  kind: Exclude<ThingKind, 'nas'>,
  id: number,
  given: string | null,
  model: string,
  { nasId, language }: ThingIds,
): Identity {
  const objectId = objectIdOf(nasId, kind, id);
  const name = fittingName(plainText(given) ?? '') || `${NAMELESS[kind][language]} ${id}`;
  return {
    objectId,
    kind,
    slug: slugOf(plainText(given) ?? '') || `${kind}_${id}`,
    device: { identifiers: [objectId], name, manufacturer: MANUFACTURER, model, via_device: objectIdOf(nasId) },
  };
}

/** An absolute http or https address without credentials; null when it is none: Home Assistant refuses the whole device. */
function httpUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isPlain = /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isPlain ? url.href : null;
}

function optional<K extends string>(key: K, value: string | null): Partial<Record<K, string>> {
  return value === null ? {} : ({ [key]: value } as Record<K, string>);
}
