import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbedded } from '../embedded-node-red';
import { startNasProcess } from '../nas-client';
import type { Context, Measured, Row } from '../row';

const INTERVAL_SECONDS = 5;
const SECONDS = 15;
const TASKS = 50;
/** Until the first polls, and what they cause, are over. */
const START_SECONDS = 6;
const ONE_LIST_A_POLL = { max: 1 };

/** Requests that an idle NAS receives, by number of nodes that use it: events nodes and one bridge, in a real Node-RED. */
export async function measureRequests({ size, scale, nasScript, root, folder, broker }: Context): Promise<Measured> {
  const nas = await startNasProcess(nasScript, { tasks: TASKS });
  const credentials = { nas: { username: 'admin', password: 'synology' } };
  const nodeRed = await startEmbedded(root, folder, flowWith(size, nas.url, broker), credentials);
  await sleep(START_SECONDS * 1000);
  const seconds = scale.tiny ? INTERVAL_SECONDS : SECONDS;
  const { arrivals } = await nas.received(() => sleep(seconds * 1000));
  await nodeRed.close();
  await nas.close();
  const lists = arrivals.filter(({ method }) => method === 'list');
  const row: Row = {
    what: `requests of an idle NAS in ${seconds} seconds, a poll each ${INTERVAL_SECONDS} seconds`,
    size: size === 1 ? '1 node' : `${size} nodes`,
    unit: 'count',
    floor: seconds / INTERVAL_SECONDS,
    ours: arrivals.length,
    goal: ONE_LIST_A_POLL,
    note: `floor: one list a poll; of ours ${lists.length} are lists`,
  };
  return { rows: [row], samples: [] };
}

function flowWith(nodes: number, url: string, broker: string): Parameters<typeof startEmbedded>[2] {
  const place = { z: 'tab', x: 100, y: 100, wires: [] };
  const events = Array.from({ length: nodes - 1 }, (_each, index) => `events-${index}`);
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'nas', type: 'active-backup-nas', name: 'NAS', host: url, pollInterval: INTERVAL_SECONDS },
    { id: 'broker', type: 'active-backup-mqtt-broker', name: '', url: broker },
    { ...place, id: 'bridge', type: 'active-backup-mqtt-bridge', nas: 'nas', broker: 'broker' },
    ...events.map((id) => ({ ...place, id, type: 'active-backup-events', nas: 'nas' })),
  ];
}
