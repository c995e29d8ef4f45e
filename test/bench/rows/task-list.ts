import { startEmbedded, type EmbeddedNodeRed } from '../embedded-node-red';
import { createFloor, type Floor } from '../floor';
import { compare } from '../measure';
import { startNasProcess, type Form, type NasProcess } from '../nas-client';
import { sizeText, type Context, type Measured, type Scale } from '../row';

const WARM_UP = 15;
/** In a row in each round. */
const TIMES = 3;
/** The reasons that one message may read are limited, so the next one reads more. */
const PLAIN_MESSAGES = 6;
const GOAL = { max: 1.6 };

/**
 * Sends messages until some in a row need nothing but the list: the first ones also read the reasons of failed backups.
 * @returns the requests for the list
 */
async function readDetails(nas: NasProcess, list: () => Promise<void>): Promise<readonly Form[]> {
  let forms: readonly Form[] = [];
  for (let plain = 0; plain < PLAIN_MESSAGES;) {
    const received = await nas.received(list);
    ({ forms } = received);
    plain = received.arrivals.every(({ method }) => method === 'list') ? plain + 1 : 0;
  }
  return forms;
}

/** CPU of a message to a task-list node, in a real Node-RED. */
export async function measureTaskList({ scale, size, nasScript, root, folder }: Context): Promise<Measured> {
  const nas = await startNasProcess(nasScript, { tasks: size });
  const nodeRed = await startEmbedded(root, folder, flowFor(nas.url), {
    nas: { username: 'admin', password: 'synology' },
  });
  const floor = createFloor(nas.url);
  const list = (): Promise<void> => nodeRed.receive('list', {});
  const forms = await readDetails(nas, list);
  const costs = await compareMessages(nodeRed, floor, forms, scale);
  floor.close();
  await nodeRed.close();
  await nas.close();
  const row = {
    what: 'task-list node, a message, CPU',
    size: sizeText(size, 'tasks'),
    unit: 'ms',
    floor: costs.floor.cpuMs,
    ours: costs.ours.cpuMs,
    goal: GOAL,
    note: `in a real Node-RED; requests of a message: ${forms.length}`,
  } as const;
  return { rows: [row], samples: [] };
}

async function compareMessages(
  nodeRed: EmbeddedNodeRed,
  floor: Floor,
  forms: readonly Form[],
  { rounds, tiny }: Scale,
): Promise<Record<'floor' | 'ours', { cpuMs: number }>> {
  const works = {
    floor: async (): Promise<void> => {
      await floor.parsed(forms);
    },
    ours: () => nodeRed.receive('list', {}),
  };
  for (let round = 0; round < (tiny ? 1 : WARM_UP); round += 1) {
    await works.floor();
    await works.ours();
  }
  return compare(works, { rounds, times: tiny ? 1 : TIMES });
}

/** A task-list node that sends to a node which keeps nothing. */
function flowFor(url: string): Parameters<typeof startEmbedded>[2] {
  const place = { z: 'tab', x: 100, y: 100 };
  const intervals = { pollInterval: 86_400, activePollInterval: 3600 };
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'nas', type: 'active-backup-nas', name: 'NAS', host: url, ...intervals },
    { ...place, id: 'list', type: 'active-backup-task-list', nas: 'nas', operation: 'list', wires: [['sink']] },
    { ...place, id: 'sink', type: 'junction', wires: [] },
  ];
}
