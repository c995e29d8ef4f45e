import { objectIdOf } from '../home-assistant/device-info';
import { buildDiscovery, type ItemDiscovery } from '../home-assistant/discovery';
import type { IdBases } from '../home-assistant/entity-ids';
import type { BridgeOptions, NasDescription } from '../home-assistant/types';
import { Memo } from '../home-assistant/memo';
import { tasksOf } from '../home-assistant/published-items';
import { buildStateDocuments, type ItemDocuments } from '../home-assistant/state-documents';
import { configTopic, type Topics } from '../home-assistant/topics';
import type { NasSnapshot } from '../monitor/snapshot';

/** The desired retained messages of a NAS: topic → payload, in the order of publishing. */
export interface DesiredState {
  readonly documents: ReadonlyMap<string, string>;
  /** Discovery; the NAS itself comes first. */
  readonly configs: ReadonlyMap<string, DeviceDiscovery>;
  /** The uuid of a task by its discovery topic: DSM may reuse the number of a removed task. */
  readonly uuids?: () => ReadonlyMap<string, string>;
}

/** The part of a device's discovery that the bridge reads. */
export interface DeviceDiscovery {
  readonly components: Readonly<Record<string, { readonly platform: string }>>;
}

/** The kinds of items that a snapshot lists completely; topics of other kinds are not cleared. */
export type CompleteKinds = ReadonlySet<ItemKind>;
export type ItemKind = 'task' | 'storage' | 'device';

/** Settings and description of a published NAS. */
interface PublishedNas {
  readonly options: BridgeOptions;
  readonly topics: Topics;
  readonly description: NasDescription;
}

/** What was made of the items of one bridge: an item whose snapshot is the same object is not built again. */
export class DesiredStateMemo {
  readonly discovery = new Memo<ItemDiscovery>();
  readonly documents = new Memo<ItemDocuments>();
}

/**
 * @param bases null: without discovery
 * @param memo of calls with the same options
 */
export function buildDesiredState(
  snapshot: NasSnapshot,
  { options, topics, description }: PublishedNas,
  bases: IdBases | null,
  memo = new DesiredStateMemo(),
): DesiredState {
  const discovery = bases === null ? [] : buildDiscovery(snapshot, description, options, bases, memo.discovery);
  return {
    documents: new Map([
      [topics.bridge, 'online'],
      connectionState(snapshot, topics),
      ...buildStateDocuments(snapshot, description, options, memo.documents),
    ]),
    configs: new Map(discovery.map(({ topic, payload }) => [topic, payload])),
    uuids: () => taskUuids(snapshot, options),
  };
}

/** Topic and payload: whether the NAS is reachable. */
export function connectionState({ online }: NasSnapshot, topics: Topics): readonly [topic: string, payload: string] {
  return [topics.connection, online ? 'online' : 'offline'];
}

/**
 * The kinds that a snapshot lists completely. Devices are complete if none are to be published.
 * @param hasEnoughPolls false: items published by an earlier run may only be missing from the first polls
 */
export function completeKinds(
  { tasks, storages, devices }: NasSnapshot,
  publishedDevices: BridgeOptions['devices'],
  hasEnoughPolls: boolean,
): CompleteKinds {
  const kinds: readonly [kind: ItemKind, isComplete: boolean][] = [
    ['task', hasEnoughPolls && tasks !== null],
    ['storage', hasEnoughPolls && storages !== null],
    ['device', publishedDevices === 'none' || (hasEnoughPolls && devices !== null)],
  ];
  return new Set(kinds.filter(([, isComplete]) => isComplete).map(([kind]) => kind));
}

function taskUuids(snapshot: NasSnapshot, { discoveryPrefix, nasId }: BridgeOptions): Map<string, string> {
  const topicOf = (id: number): string => configTopic(discoveryPrefix, objectIdOf(nasId, 'task', id));
  const uuids = (tasksOf(snapshot) ?? []).map(({ id, source }) => [topicOf(id), source.task.uuid] as const);
  return new Map(uuids.filter((entry): entry is readonly [string, string] => entry[1] !== null));
}
