import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { expect, onTestFinished, test } from 'vitest';
import eventsNode from '../../nodes/events/events';
import type { NasEvent } from '../../src/monitor/events';
import { readFileIfPresent } from '../../src/storage/text-file';
import { schedule, type Nas } from '../nas/index';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';
import { poll } from './mqtt-bridge-support';
import { flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

/** Long poll intervals: the tests poll. */
const MANUAL_POLLS = { pollInterval: 86_400, activePollInterval: 3600 };

/** Pauses deploys between the stop of the old nodes and the start of the new ones. */
interface Gate {
  readonly register: (RED: NodeAPI) => void;
  /** Pauses the next deploy. @returns the function that continues it */
  pause(): () => void;
  /** Whether the deploy is paused: its old nodes are stopped, or about to be. */
  readonly isReached: boolean;
}

function gate(): Gate {
  let paused: Promise<void> | null = null;
  let isReached = false;
  return {
    register: (RED) => {
      function GateNode(this: Node, def: NodeDef): void {
        RED.nodes.createNode(this, def);
        this.on('close', (done: () => void) => {
          isReached = true;
          if (paused === null) done();
          else void paused.then(done);
        });
      }
      RED.nodes.registerType('gate', GateNode);
    },
    pause: () => {
      let release = (): void => undefined;
      isReached = false;
      paused = new Promise((resolve) => {
        release = () => {
          paused = null;
          resolve();
        };
      });
      return release;
    },
    get isReached() {
      return isReached;
    },
  };
}

/** Two events nodes, `n` and `second`, of one NAS, and a gate. @param version another one changes `second` and the gate */
function twoListeners(nas: Nas, version: string): FlowNode[] {
  const common = { z: 'flow', name: version, x: 0, y: 0 };
  return [
    ...flowOf({ type: 'active-backup-events' }, [nasConfig(nas, MANUAL_POLLS)], 2).map((node) =>
      node.id === 'n' ? { ...node, wires: [['out0']] } : node,
    ),
    { id: 'second', type: 'active-backup-events', nas: 'nas', wires: [['out1']], ...common },
    { id: 'gate', type: 'gate', wires: [], ...common },
  ];
}

/** Polls until a condition holds, and twice more, so that a repeated event would have arrived. */
async function pollUntil(condition: () => boolean): Promise<void> {
  await until(async () => {
    await poll();
    return condition();
  });
  await poll();
  await poll();
}

/** Fails a backup of a task. @returns the id of its result */
function failBackup(nas: Nas, taskId: number): number {
  nas.state.startRun(taskId);
  nas.clock.advance(60);
  nas.state.endRun(taskId, 'failed');
  return nas.state.resultsOf(taskId).at(-1)!.id;
}

/** The events of an output, with their result and whether they are late. */
const eventsOf = (flow: Flow, output: number): string[] =>
  (flow.out[output] ?? []).map(({ payload }) => {
    const { event, result, late } = payload as NasEvent;
    return `${event} ${result?.id ?? ''}${late ? ' late' : ''}`;
  });

const countOf = (flow: Flow, output: number): number => flow.out[output]?.length ?? 0;

test(
  'two events nodes of one NAS receive each finished backup once: across a deploy of one, a restart, and the deletion of one',
  { timeout: 30_000 },
  async () => {
    const { path, remove } = await tempDir('several-listeners');
    onTestFinished(remove);
    helper.settings({ userDir: path });
    const listeners = (): string[] => {
      const text = String(readFileIfPresent(join(path, 'active-backup', 'nas.json')) ?? '{}');
      return Object.keys((JSON.parse(text) as { listeners?: Record<string, unknown> }).listeners ?? {}).sort();
    };
    const nas = await simulatedNas({ speed: 0, schedules: false });
    for (const { id } of nas.state.tasks) nas.state.setSchedule(id, schedule());
    const barrier = gate();
    const nodes = [eventsNode, barrier.register];
    let flow = await load(nodes, twoListeners(nas, 'first version'));
    await pollUntil(() => listeners().join() === 'n,second');
    expect(flow.out).toEqual([[], []]);

    // A deploy of the modified nodes alone: a backup fails while the second one is away.
    const release = barrier.pause();
    const deployed = helper.setFlows(twoListeners(nas, 'second version'), 'nodes');
    await until(() => barrier.isReached);
    const duringDeploy = failBackup(nas, 1);
    await pollUntil(() => countOf(flow, 0) > 0);
    expect(flow.out[1]).toEqual([]);
    release();
    await deployed;
    await pollUntil(() => countOf(flow, 1) > 0);
    expect(eventsOf(flow, 0)).toEqual([`backup_failed ${duringDeploy}`]);
    expect(eventsOf(flow, 1)).toEqual([`backup_failed ${duringDeploy} late`]);

    // A restart of Node-RED: a backup fails meanwhile.
    await helper.unload();
    const duringRestart = failBackup(nas, 2);
    flow = await load(nodes, twoListeners(nas, 'second version'));
    await pollUntil(() => countOf(flow, 0) > 0 && countOf(flow, 1) > 0);
    for (const output of [0, 1]) expect(eventsOf(flow, output)).toEqual([`backup_failed ${duringRestart} late`]);
    expect(listeners()).toEqual(['n', 'second']);

    // The second node is deleted: its state is removed, and the first continues.
    const rest = twoListeners(nas, 'second version').filter(({ id }) => id !== 'second');
    await helper.setFlows(rest, 'nodes');
    await pollUntil(() => listeners().join() === 'n');
    const afterDeletion = failBackup(nas, 3);
    await pollUntil(() => countOf(flow, 0) > 1);
    expect(eventsOf(flow, 0).slice(1)).toEqual([`backup_failed ${afterDeletion}`]);
    expect(countOf(flow, 1)).toBe(1);
  },
);
