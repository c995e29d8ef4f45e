import { until } from '../until';
import { entityReader } from './commands';
import type { Step } from './step';

/** Tasks are added, removed and renamed; at the end everything is removed. */
export const CHANGES: readonly Step[] = [
  {
    name: 'a task that is renamed keeps its entities, under the new name',
    run: async (environment) => {
      const { nas, ha, settled } = environment;
      const [task] = nas.state.tasks;
      const before = await entityReader(environment, task!.id)('status');
      nas.state.task(task!.id).name = 'Büro "Empfang" / #1 + 💾';
      await until('its device has the new name', 60, async () => {
        const names = [...(await ha.api.devices()).values()].map(({ name }) => name);
        return names.includes('Büro "Empfang" / #1 + 💾') ? [] : names.map(String);
      });
      await settled();
      const { entityId } = await entityReader(environment, task!.id)('status');
      if (entityId !== before.entityId) throw new Error(`${before.entityId} became ${entityId}`);
      return entityId;
    },
  },
  {
    name: 'a new task appears',
    run: async ({ nas, ha, settled }) => {
      nas.state.addTask({ name: 'Reception PC' });
      const count = (await ha.api.devices()).size;
      await until('there is a device more', 60, async () =>
        (await ha.api.devices()).size > count ? [] : [`${count} devices`],
      );
      await settled();
      return undefined;
    },
  },
  {
    name: 'a removed task takes its device with it, and no other',
    run: async ({ nas, ha, settled, retained }) => {
      const gone = nas.state.tasks.at(-2)!.id;
      const before = [...(await ha.api.devices()).keys()];
      const ofTask = (id: string): boolean => id.endsWith(`_task_${gone}`);
      const machines = nas.state.task(gone).deviceIds.map((id) => `_device_${id}`);
      nas.state.removeTask(gone);
      await until('its device is gone', 90, async () => [...(await ha.api.devices()).keys()].filter(ofTask));
      await settled();
      const after = new Set((await ha.api.devices()).keys());
      const others = before.filter((id) => !after.has(id) && !ofTask(id) && !machines.some((end) => id.endsWith(end)));
      if (others.length > 0) throw new Error(`Gone too: ${others.join(', ')}`);
      const topics = [...(await retained()).keys()].filter((topic) => topic.includes(`/task/${gone}/`));
      if (topics.length > 0) throw new Error(`Still retained: ${topics.join(', ')}`);
      return undefined;
    },
  },
  {
    name: 'a message “purge” takes everything away, and any other brings it back',
    run: async ({ home, ha, retained, settled }) => {
      await home.send('purge');
      await until('nothing is left', 60, async () => [
        ...(await ha.api.devices()).keys(),
        ...(await ha.api.entities()).keys(),
        ...(await retained()).keys(),
      ]);
      await home.send('again');
      await settled();
      return undefined;
    },
  },
];
