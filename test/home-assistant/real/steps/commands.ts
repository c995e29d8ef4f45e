import { CODE } from '../../../nas/api-error';
import type { HaEntity } from '../api';
import { RUN_SECONDS, type Stage } from '../stage';
import { until } from '../until';
import type { Step } from './step';

/** Longer than a run, with the looks of the bridge around it. */
const RUN_OVER_SECONDS = RUN_SECONDS + 30;

/** Buttons do what they say, and events arrive. */
export const COMMANDS: readonly Step[] = [
  {
    name: '“Back up now” starts one backup; running, event and result follow it to its end',
    run: async (stage) => {
      const { nas, listen, settled } = stage;
      const [task] = nas.state.tasks;
      const look = lookAt(stage, task!.id);
      nas.state.setOnline(task!.id, true);
      nas.state.setOutcome(task!.id, 'success');
      const client = await listen();
      const since = Date.now();
      const started = nas.received('backup').length;

      await press(stage, await look('start'));
      await until('it runs', 20, async () => [
        ...amiss(await look('status'), 'running'),
        ...amiss(await look('running'), 'on'),
        ...amiss(await look('event'), null, { event_type: 'backup_started' }),
      ]);
      await settled();
      await until('it has succeeded', RUN_OVER_SECONDS, async () => [
        ...amiss(await look('status'), 'idle'),
        ...amiss(await look('running'), 'off'),
        ...amiss(await look('last_result'), 'success'),
        ...amiss(await look('event'), null, { event_type: 'backup_succeeded' }),
        ...(Date.parse((await look('last_success')).state ?? '') < since - 1000 ? ['the last success is old'] : []),
      ]);
      await settled();

      const count = nas.received('backup').length - started;
      if (count !== 1) throw new Error(`The NAS was told ${count} times to back up`);
      const command = client.messages.find(({ topic }) => topic.endsWith(`/task/${task!.id}/command`));
      if (command?.payload !== 'backup' || command.retain || command.qos !== 1)
        throw new Error(`The command was ${JSON.stringify(command)}`);
      const answers = client.messages.filter(({ topic }) => topic.endsWith(`/task/${task!.id}/response`));
      const words = answers.map(({ payload }) => (JSON.parse(payload) as { status: string }).status);
      await client.close();
      if (words.length === 0) throw new Error('No response came');
      return `responses: ${words.join(', ')}`;
    },
  },
  {
    name: '“Cancel backup” is there while one runs, and cancels it',
    run: async (stage) => {
      const { nas, settled } = stage;
      const [, task] = nas.state.tasks;
      const look = lookAt(stage, task!.id);
      nas.state.setOnline(task!.id, true);
      await until('it cannot be pressed', 20, async () => amiss(await look('cancel'), 'unavailable'));
      await press(stage, await look('start'));
      // One that still waits for its turn would leave no result.
      await until('it runs', 20, async () => amiss(await look('status'), 'running'));
      await settled();
      await press(stage, await look('cancel'));
      await until('the backup is cancelled', RUN_OVER_SECONDS, async () => [
        ...amiss(await look('last_result'), 'cancelled'),
        ...amiss(await look('event'), null, { event_type: 'backup_cancelled' }),
        ...amiss(await look('cancel'), 'unavailable'),
      ]);
      await settled();
      return undefined;
    },
  },
  {
    name: 'a backup that fails turns on the problem of its task and of its NAS, and says why',
    run: async (stage) => {
      const { nas, settled } = stage;
      const [, , task] = nas.state.tasks;
      const look = lookAt(stage, task!.id);
      nas.state.setOnline(task!.id, true);
      nas.state.setOutcome(task!.id, 'failed');
      nas.state.startRun(task!.id);
      await until('the failure is told', RUN_OVER_SECONDS, async () => [
        ...amiss(await look('problem'), 'on'),
        ...amiss(await look('last_result'), 'failed'),
        ...amiss(await look('event'), null, { event_type: 'backup_failed' }),
        ...amiss(await lookAt(stage)('problem'), 'on'),
        ...amiss(await lookAt(stage)('overall_status'), 'error'),
      ]);
      await settled();
      return `“${(await look('last_error')).state}”`;
    },
  },
  {
    name: 'a “Back up now” that the NAS refuses is an event of its task and of the NAS, with the reason',
    run: async (stage) => {
      const { nas, settled } = stage;
      const [task] = nas.state.tasks;
      const [ofTask, ofNas] = [lookAt(stage, task!.id), lookAt(stage)];
      const undo = nas.fail({ on: { method: 'backup' }, do: 'refuse', code: CODE.outsideBackupWindow });
      await press(stage, await ofTask('start'));
      await until('the refusal is told', 20, async () => [
        ...amiss(await ofTask('event'), null, { event_type: 'backup_refused' }),
        ...amiss(await ofNas('event'), null, { event_type: 'backup_refused' }),
      ]);
      undo();
      await settled();
      const { reason } = (await ofTask('event')).attributes;
      if (!String(reason).includes('backup window')) throw new Error(`The reason is ${String(reason)}`);
      return `“${String(reason)}”`;
    },
  },
];

function press({ ha }: Stage, { entityId }: HaEntity): Promise<void> {
  return ha.api.call('button.press', { entity_id: entityId });
}

/** Looks at an entity of a task, or of the NAS. */
export function lookAt({ ha, nas }: Stage, taskId?: number): (key: string) => Promise<HaEntity> {
  const hub = `active_backup_${nas.state.serialNumber.toLowerCase()}`;
  const object = taskId === undefined ? hub : `${hub}_task_${taskId}`;
  return async (key) => {
    const entity = (await ha.api.entities()).get(`${object}_${key}`);
    if (entity === undefined) throw new Error(`there is no ${object}_${key}`);
    return entity;
  };
}

/** What of an entity is not as it should be. @param state null: any */
export function amiss(entity: HaEntity, state: string | null, attributes: Record<string, unknown> = {}): string[] {
  return [
    ...(state === null || entity.state === state ? [] : [`${entity.entityId} is ${entity.state}, not ${state}`]),
    ...Object.entries(attributes)
      .filter(([key, value]) => entity.attributes[key] !== value)
      .map(([key, value]) => `${key} of ${entity.entityId} is ${String(entity.attributes[key])}, not ${String(value)}`),
  ];
}
