import { oddMessages } from '../odd-names';
import { until } from '../until';
import type { Step } from './step';

/** NAS devices with unusual values. */
const ODD_SEEDS = [1, 2, 3, 4, 5, 6];

/** Home Assistant starts, accepts unusual messages, then those of the bridge. */
export const START: readonly Step[] = [
  {
    name: 'Home Assistant starts and publishes its birth message',
    run: async ({ ha, listen }) => {
      const client = await listen();
      await ha.start();
      await until('its birth message', 30, () =>
        client.on('homeassistant/status').includes('online') ? [] : ['it has not come'],
      );
      await client.close();
      return undefined;
    },
  },
  {
    name: 'it accepts messages of NAS devices with unusual names',
    run: async ({ ha, settled, listen, retained }) => {
      const client = await listen();
      for (const [topic, payload] of oddMessages(ODD_SEEDS)) await client.publish(topic, payload, { retain: true });
      await settled();
      const counts = `${(await ha.api.devices()).size} devices, ${(await ha.api.entities()).size} entities`;
      for (const topic of (await retained()).keys()) await client.publish(topic, '', { retain: true });
      await until('Home Assistant forgets them', 30, async () => [...(await ha.api.entities()).keys()]);
      await client.close();
      return counts;
    },
  },
  {
    name: 'the bridge publishes a NAS: devices, their hierarchy, entities and states',
    run: async ({ ha, home, settled }) => {
      await home.start();
      await settled();
      return `${(await ha.api.devices()).size} devices, ${(await ha.api.entities()).size} entities`;
    },
  },
];
