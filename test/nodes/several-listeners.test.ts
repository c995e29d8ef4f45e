import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { expect, onTestFinished, test } from 'vitest';
import eventsNode from '../../nodes/events/events';
import type { NasEvent } from '../../src/monitor/events';
import { getNas } from '../../src/node-red/nas-registry';
import { readFileIfPresent } from '../../src/storage/text-file';
import { schedule, type Nas } from '../nas';
import { tempDir } from '../support/temp-dir';
import { until } from '../support/until';
import { flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

/** The NAS is polled when a test says so, not by the clock. */
const BY_HAND = { pollInterval: 86_400, activePollInterval: 3600 };

/** Lets the deploys of a test stand between stopping the old nodes and starting the new ones. */
interface Gate {
  readonly register: (RED: NodeAPI) => void;
  /** Keeps the next deploy open. @returns what lets it go on */
  hold(): () => void;
  /** Whether a deploy stands at the gate: its old nodes are stopped, or about to be. */
  readonly isReached: boolean;
}

function gate(): Gate {
  let held: Promise<void> | null = null;
  let isReached = false;
  return {
    register: (RED) => {
      function GateNode(this: Node, def: NodeDef): void {
        RED.nodes.createNode(this, def);
        this.on('close', (done: () => void) => {
          isReached = true;
          if (held === null) done();
          else void held.then(done);
        });
      }
      RED.nodes.registerType('gate', GateNode);
    },
    hold: () => {
      let release = (): void => undefined;
      isReached = false;
      held = new Promise((resolve) => {
        release = () => {
          held = null;
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
    ...flowOf({ type: 'active-backup-events' }, [nasConfig(nas, BY_HAND)], 2).map((node) =>
      node.id === 'n' ? { ...node, wires: [['out0']] } : node,
    ),
    { id: 'second', type: 'active-backup-events', nas: 'nas', wires: [['out1']], ...common },
    { id: 'gate', type: 'gate', wires: [], ...common },
  ];
}

/** Polls the NAS once. */
async function poll(): Promise<void> {
  const { poller: watch } = getNas({ nodes: helper }, 'nas');
  await new Promise<void>((resolve) => {
    const stop = watch.subscribe(
      () => {
        setImmediate(resolve);
        stop();
      },
      { fast: true },
    );
  });
}

/** Polls until something holds, and twice more: what comes twice would have come then. */
async function pollUntil(holds: () => boolean): Promise<void> {
  await until(async () => {
    await poll();
    return holds();
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

/** What an output has got: result and whether it came late. */
const endsOf = (flow: Flow, output: number): string[] =>
  (flow.out[output] ?? []).map(({ payload }) => {
    const { event, result, late } = payload as NasEvent;
    return `${event} ${result?.id ?? ''}${late ? ' late' : ''}`;
  });

const countOf = (flow: Flow, output: number): number => flow.out[output]?.length ?? 0;

test(
  'two events nodes of one NAS have each end once: over a deploy of one, a restart, and the end of one',
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
    const release = barrier.hold();
    const deployed = helper.setFlows(twoListeners(nas, 'second version'), 'nodes');
    await until(() => barrier.isReached);
    const duringDeploy = failBackup(nas, 1);
    await pollUntil(() => countOf(flow, 0) > 0);
    expect(flow.out[1]).toEqual([]);
    release();
    await deployed;
    await pollUntil(() => countOf(flow, 1) > 0);
    expect(endsOf(flow, 0)).toEqual([`backup_failed ${duringDeploy}`]);
    expect(endsOf(flow, 1)).toEqual([`backup_failed ${duringDeploy} late`]);

    // A restart of Node-RED: a backup fails while nobody is there.
    await helper.unload();
    const duringRestart = failBackup(nas, 2);
    flow = await load(nodes, twoListeners(nas, 'second version'));
    await pollUntil(() => countOf(flow, 0) > 0 && countOf(flow, 1) > 0);
    for (const output of [0, 1]) expect(endsOf(flow, output)).toEqual([`backup_failed ${duringRestart} late`]);
    expect(listeners()).toEqual(['n', 'second']);

    // The second one is deleted: nothing is kept for it any more, and the other goes on.
    const rest = twoListeners(nas, 'second version').filter(({ id }) => id !== 'second');
    await helper.setFlows(rest, 'nodes');
    await pollUntil(() => listeners().join() === 'n');
    const afterDeletion = failBackup(nas, 3);
    await pollUntil(() => countOf(flow, 0) > 1);
    expect(endsOf(flow, 0).slice(1)).toEqual([`backup_failed ${afterDeletion}`]);
    expect(countOf(flow, 1)).toBe(1);
  },
);
