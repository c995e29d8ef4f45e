import { buildDiscovery } from '../../../src/home-assistant/discovery';
import type { BridgeOptions } from '../../../src/home-assistant/types';
import { buildStateDocuments } from '../../../src/home-assistant/state-documents';
import { topicsOf } from '../../../src/home-assistant/topics';
import { randomNas, randomOptions, randomSnapshot } from '../snapshots';

/** Messages of bridges for NAS devices with unusual values: topic → payload, discovery of each NAS device first. */
export function oddMessages(seeds: readonly number[]): Map<string, string> {
  return new Map(
    seeds.flatMap((seed) => {
      const options: BridgeOptions = {
        ...randomOptions(seed),
        nasId: `odd_${seed}`,
        discoveryPrefix: 'homeassistant',
        detail: 'full',
        devices: 'all',
      };
      const [snapshot, nas] = [randomSnapshot(seed), randomNas(seed)];
      const { bridge, connection } = topicsOf(options.baseTopic, options.nasId);
      return [
        ...buildDiscovery(snapshot, nas, options).map(
          ({ topic, payload }) => [topic, JSON.stringify(payload)] as const,
        ),
        [bridge, 'online'] as const,
        [connection, 'online'] as const,
        ...buildStateDocuments(snapshot, nas, options),
      ];
    }),
  );
}
