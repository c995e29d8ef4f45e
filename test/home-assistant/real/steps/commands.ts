import { CODE } from '../../../nas/api-error';
import type { HaEntity } from '../api';
import { RUN_SECONDS, type TestEnvironment } from '../environment';
import { until } from '../until';
import type { Step } from './step';

/** Longer than a run and the polls before and after it. */
const RUN_OVER_SECONDS = RUN_SECONDS + 30;

/** Buttons work, and events arrive. */
export const COMMANDS: readonly Step[] = [
  {
    name: '“Back up now” starts one backup; running, event and result follow it to its end',
    run: async (environment) => {
      const { nas, listen, settled } = environment;
      const [task] = nas.state.tasks;
      const entity = entityReader(environment, task!.id);
      nas.state.setOnline(task!.id, true);
      nas.state.setOutcome(task!.id, 'success');
      const client = await listen();
      const since = Date.now();
      const started = nas.received('backup').length;

      await press(environment, await entity('start'));
      await until('it runs', 20, async () => [
        ...mismatches(await entity('status'), 'running'),
        ...mismatches(await entity('running'), 'on'),
        ...mismatches(await entity('event'), null, { event_type: 'backup_started' }),
      ]);
      await settled();
      await until('it has succeeded', RUN_OVER_SECONDS, async () => [
        ...mismatches(await entity('status'), 'idle'),
        ...mismatches(await entity('running'), 'off'),
        ...mismatches(await entity('last_result'), 'success'),
        ...mismatches(await entity('event'), null, { event_type: 'backup_succeeded' }),
        ...(Date.parse((await entity('last_success')).state ?? '') < since - 1000 ? ['the last success is old'] : []),
      ]);
      await settled();

      const count = nas.received('backup').length - started;
      if (count !== 1) throw new Error(`The NAS received ${count} backup requests`);
      const command = client.messages.find(({ topic }) => topic.endsWith(`/task/${task!.id}/command`));
      if (command?.payload !== 'backup' || command.retain || command.qos !== 1)
        throw new Error(`The command was ${JSON.stringify(command)}`);
      const responses = client.messages.filter(({ topic }) => topic.endsWith(`/task/${task!.id}/response`));
      const words = responses.map(({ payload }) => (JSON.parse(payload) as { status: string }).status);
      await client.close();
      if (words.length === 0) throw new Error('No response came');
      return `responses: ${words.join(', ')}`;
    },
  },
  {
    name: '“Cancel backup” is available during a run, and cancels it',
    run: async (environment) => {
      const { nas, settled } = environment;
      const [, task] = nas.state.tasks;
      const entity = entityReader(environment, task!.id);
      nas.state.setOnline(task!.id, true);
      await until('it cannot be pressed', 20, async () => mismatches(await entity('cancel'), 'unavailable'));
      await press(environment, await entity('start'));
      // A run that still waits would leave no result.
      await until('it runs', 20, async () => mismatches(await entity('status'), 'running'));
      await settled();
      await press(environment, await entity('cancel'));
      await until('the backup is cancelled', RUN_OVER_SECONDS, async () => [
        ...mismatches(await entity('last_result'), 'cancelled'),
        ...mismatches(await entity('event'), null, { event_type: 'backup_cancelled' }),
        ...mismatches(await entity('cancel'), 'unavailable'),
      ]);
      await settled();
      return undefined;
    },
  },
  {
    name: 'a backup that fails turns on the problem of its task and of its NAS, with the reason',
    run: async (environment) => {
      const { nas, settled } = environment;
      const [, , task] = nas.state.tasks;
      const entity = entityReader(environment, task!.id);
      nas.state.setOnline(task!.id, true);
      nas.state.setOutcome(task!.id, 'failed');
      nas.state.startRun(task!.id);
      await until('the failure is reported', RUN_OVER_SECONDS, async () => [
        ...mismatches(await entity('problem'), 'on'),
        ...mismatches(await entity('last_result'), 'failed'),
        ...mismatches(await entity('event'), null, { event_type: 'backup_failed' }),
        ...mismatches(await entityReader(environment)('problem'), 'on'),
        ...mismatches(await entityReader(environment)('overall_status'), 'error'),
      ]);
      await settled();
      return `“${(await entity('last_error')).state}”`;
    },
  },
  {
    name: 'a “Back up now” that the NAS refuses is an event of its task and of the NAS, with the reason',
    run: async (environment) => {
      const { nas, settled } = environment;
      const [task] = nas.state.tasks;
      const [ofTask, ofNas] = [entityReader(environment, task!.id), entityReader(environment)];
      const undo = nas.fail({ on: { method: 'backup' }, do: 'refuse', code: CODE.outsideBackupWindow });
      await press(environment, await ofTask('start'));
      await until('the refusal is reported', 20, async () => [
        ...mismatches(await ofTask('event'), null, { event_type: 'backup_refused' }),
        ...mismatches(await ofNas('event'), null, { event_type: 'backup_refused' }),
      ]);
      undo();
      await settled();
      const { reason } = (await ofTask('event')).attributes;
      if (!String(reason).includes('backup window')) throw new Error(`The reason is ${String(reason)}`);
      return `“${String(reason)}”`;
    },
  },
];

function press({ ha }: TestEnvironment, { entityId }: HaEntity): Promise<void> {
  return ha.api.call('button.press', { entity_id: entityId });
}

/** Reads entities of a task or, without `taskId`, of the NAS, by their key. */
export function entityReader({ ha, nas }: TestEnvironment, taskId?: number): (key: string) => Promise<HaEntity> {
  const nasObjectId = `active_backup_${nas.state.serialNumber.toLowerCase()}`;
  const object = taskId === undefined ? nasObjectId : `${nasObjectId}_task_${taskId}`;
  return async (key) => {
    const entity = (await ha.api.entities()).get(`${object}_${key}`);
    if (entity === undefined) throw new Error(`there is no ${object}_${key}`);
    return entity;
  };
}

/** Differences between an entity and its expected state and attributes. @param state null: any */
export function mismatches(entity: HaEntity, state: string | null, attributes: Record<string, unknown> = {}): string[] {
  return [
    ...(state === null || entity.state === state ? [] : [`${entity.entityId} is ${entity.state}, not ${state}`]),
    ...Object.entries(attributes)
      .filter(([key, value]) => entity.attributes[key] !== value)
      .map(([key, value]) => `${key} of ${entity.entityId} is ${String(entity.attributes[key])}, not ${String(value)}`),
  ];
}
