import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import taskBackupNode from '../../nodes/task-backup/task-backup';
import type { Result, Task } from '../../src/active-backup/types';
import type { Message } from '../../src/node-red/types';
import type { Nas, NasOptions } from '../nas/index';
import { tempDir } from '../support/temp-dir';
import { flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

type Properties = Record<string, unknown>;

/** A Node-RED with a task-backup node that can be restarted and killed. */
export interface Restartable {
  readonly nas: Nas;
  /** The nodes of the flow. */
  readonly nodes: readonly FlowNode[];
  /** The state file of the node. */
  readonly file: string;
  /** The flow since its last start. */
  readonly flow: Flow;
  /** Every message of output 1, over all restarts. */
  readonly ends: Message[];
  /** Every error that reached the Catch node. */
  readonly errors: string[];
  /** Messages that were completed, with or without an error. */
  readonly done: number;
  /** Ids of the tasks of every start that the NAS has received. */
  startedIds(): number[];
  /** Requests in the state file. */
  stored(): { readonly tasks: readonly { readonly id: number; readonly phase: string }[] }[];
  /** Restarts the flow, or starts it after {@link kill}. @param nodes to start instead */
  restart(nodes?: readonly FlowNode[]): Promise<void>;
  /** Ends the flow so that the disk has the content of this moment, as after a kill. */
  kill(): Promise<void>;
}

/** Starts a NAS and a flow with a task-backup node, whose messages survive restarts. */
export async function restartable(properties: Properties = {}, options: NasOptions = {}): Promise<Restartable> {
  const { path, remove } = await tempDir('follow');
  onTestFinished(remove);
  helper.settings({ userDir: path });
  const nas = await simulatedNas({
    runSeconds: 3600,
    speed: 60,
    schedules: false,
    maxConcurrentDevices: 50,
    ...options,
  });
  const node = { type: 'active-backup-task-backup', tasks: '1', wait: true, ...properties };
  const nodes = flowOf(node, [nasConfig(nas, { activePollInterval: 1, timeout: 5 })], 2);
  const file = join(path, 'active-backup', 'n.json');
  const flows: Flow[] = [];
  const current = (): Flow => flows.at(-1)!;
  const start = async (started: readonly FlowNode[]): Promise<void> => {
    flows.push(await load([taskBackupNode], started));
  };
  await start(nodes);
  const content = (): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);
  return {
    nas,
    nodes,
    file,
    get flow() {
      return current();
    },
    get ends() {
      return flows.flatMap(({ out }) => out[0] ?? []);
    },
    get errors() {
      return flows.flatMap(({ caught }) => caught.map(({ error }) => error.message));
    },
    get done() {
      return flows.reduce((sum, { completed, caught }) => sum + completed.length + caught.length, 0);
    },
    startedIds: () =>
      nas.received('backup').flatMap(({ parameters }) => JSON.parse(parameters['task_ids'] ?? '') as number[]),
    stored: () =>
      (JSON.parse(content() ?? '{"requests":[]}') as { requests: ReturnType<Restartable['stored']> }).requests,
    restart: async (started = nodes) => {
      await helper.unload();
      await start(started);
    },
    kill: async () => {
      const before = content();
      // Whatever the node does after this moment, a killed process would not have done.
      void (current().node as unknown as { close: (removed: boolean) => Promise<void> }).close(false);
      await helper.unload();
      if (before === null) rmSync(file, { force: true });
      else writeFileSync(file, before);
    },
  };
}

/** The task and the result of a message, and its own property `mine`: `5 success first`. */
export function endOf({ payload, result, ...msg }: Message): string {
  const { id } = payload as Task;
  return [id, (result as Result | undefined)?.status, (msg as { mine?: unknown }).mine].filter(Boolean).join(' ');
}
