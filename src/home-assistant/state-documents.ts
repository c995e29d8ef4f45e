import type { NasSnapshot } from '../monitor/snapshot';
import { topicsOf } from './topics';
import { attributesOf } from './attributes';
import { isCancellable } from './backups';
import { ENTITIES } from './entities';
import { SCHEMA_VERSION, buildState, type EntityDescription } from './entity';
import type { BridgeOptions, NasDescription } from './options';
import { devicesToPublish, storagesOf, tasksOf } from './published-items';

/**
 * The retained state of a NAS: topic → payload, the NAS first, without `bridge` and `connection`. Equal snapshots give
 * equal payloads, and nothing changes with time alone, so a caller that compares them publishes only changes.
 */
export function buildStateDocuments(
  snapshot: NasSnapshot,
  nas: NasDescription,
  options: Pick<BridgeOptions, 'baseTopic' | 'nasId' | 'devices'>,
): ReadonlyMap<string, string> {
  const topics = topicsOf(options.baseTopic, options.nasId);
  return new Map([
    [topics.state, documentOf(ENTITIES.nas, { snapshot, nas })] as const,
    ...(storagesOf(snapshot) ?? []).map(
      ({ id, source }) => [topics.storage(id).state, documentOf(ENTITIES.storage, source)] as const,
    ),
    ...(tasksOf(snapshot) ?? []).flatMap(({ id, source }) => {
      const { state, attributes, active } = topics.task(id);
      return [
        [state, documentOf(ENTITIES.task, source)] as const,
        [attributes, attributesOf(source)] as const,
        [active, isCancellable(source) ? 'online' : 'offline'] as const,
      ];
    }),
    ...devicesToPublish(snapshot, options.devices).map(
      ({ id, source }) => [topics.device(id).state, documentOf(ENTITIES.device, source)] as const,
    ),
  ]);
}

function documentOf<Source>(rows: readonly EntityDescription<Source>[], source: Source): string {
  return JSON.stringify({ schema: SCHEMA_VERSION, ...buildState(rows, source) });
}
