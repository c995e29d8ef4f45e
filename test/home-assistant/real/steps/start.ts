import { oddMessages } from '../odd-names';
import { until } from '../until';
import type { Step } from './step';

/** NASes of which nothing is as usual. */
const ODD_SEEDS = [1, 2, 3, 4, 5, 6];

/** Home Assistant comes up, takes what may be published at all, and then what the bridge publishes. */
export const START: readonly Step[] = [
  {
    name: 'Home Assistant starts, and says so on the broker',
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
    name: 'it takes what would be published of NASes with names that nobody expects',
    run: async ({ ha, settled, listen, retained }) => {
      const client = await listen();
      for (const [topic, payload] of oddMessages(ODD_SEEDS)) await client.publish(topic, payload, { retain: true });
      await settled();
      const told = `${(await ha.api.devices()).size} devices, ${(await ha.api.entities()).size} entities`;
      for (const topic of (await retained()).keys()) await client.publish(topic, '', { retain: true });
      await until('Home Assistant forgets them', 30, async () => [...(await ha.api.entities()).keys()]);
      await client.close();
      return told;
    },
  },
  {
    name: 'the bridge publishes a NAS: devices, what hangs below what, entities and states are there',
    run: async ({ ha, home, settled }) => {
      await home.start();
      await settled();
      return `${(await ha.api.devices()).size} devices, ${(await ha.api.entities()).size} entities`;
    },
  },
];
