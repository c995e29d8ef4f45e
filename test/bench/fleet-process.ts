// One Node-RED of `npm run bench:fleet`, with its part of the NASes. Started by `fleet.ts`.
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbedded } from './embedded-node-red';
import type { FleetPart, FleetUse } from './fleet';
import { manyNasFlow, watchUse, whenIdle } from './rows/many-nas';

async function main(): Promise<void> {
  const { urls, broker, first, root, folder } = JSON.parse(process.argv[2] ?? '') as FleetPart;
  const { flow, credentials } = manyNasFlow(urls, broker, first);
  await startEmbedded(root, folder, flow, credentials);
  process.on('disconnect', () => process.exit());
  process.on('message', (seconds: number) => {
    void useOf(seconds).then((use) => process.send?.(use));
  });
  process.send?.(await whenIdle());
}

async function useOf(seconds: number): Promise<FleetUse> {
  const use = watchUse();
  await sleep(seconds * 1000);
  return { ...use.end(), memoryMB: process.memoryUsage.rss() / 1e6 };
}

void main();
