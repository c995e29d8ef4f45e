import type { HaEntity } from '../api';
import { DASHBOARD } from '../seed';
import type { TestEnvironment } from '../environment';
import { until } from '../until';
import { idsIn, takesEntityIds } from './dashboard';
import type { Step } from './step';

/** Two NAS devices with equal names of tasks and shares, each published by its own Node-RED. */
export const TWO_NASES: readonly Step[] = [
  {
    name: 'a second NAS with the same names gets entities of its own',
    run: async ({ second, ha, settled }) => {
      const before = (await ha.api.entities()).size;
      await second.home.start();
      await until('its entities are there', 60, async () => {
        const own = entitiesOf(await ha.api.entities(), second);
        return own.length > 0 ? [] : [`${before} entities`];
      });
      await settled();
      return `${entitiesOf(await ha.api.entities(), second).length} entities`;
    },
  },
  {
    name: 'each dashboard shows its own NAS, and its buttons start backups there alone',
    run: async (environment) => {
      if (!takesEntityIds(environment.installation)) return 'skipped: this release makes ids of names';
      const sides = [environment, environment.second];
      for (const own of sides) {
        const ids = await dashboardIds(environment, own);
        const known = new Map(
          entitiesOf(await environment.ha.api.entities(), own).map((each) => [each.entityId, each]),
        );
        const strange = ids.filter((id) => !known.has(id));
        if (ids.length === 0 || strange.length > 0)
          throw new Error(`Of another NAS, or of none: ${strange.join(', ')}`);
        const started = (): number[] => sides.map(({ nas }) => nas.received('backup').length);
        const before = started();
        const [task] = own.nas.state.tasks;
        const [button] = ids.filter((id) => known.get(id)?.uniqueId.endsWith(`_task_${task!.id}_start`));
        await environment.ha.api.call('button.press', { entity_id: button });
        const wanted = before.map((count, index) => count + (sides[index] === own ? 1 : 0)).join();
        await until('its own NAS starts a backup, and the other does not', 30, () =>
          Promise.resolve(started().join() === wanted ? [] : [`started: ${started().join()}, not ${wanted}`]),
        );
      }
      return undefined;
    },
  },
  {
    name: 'a task and a NAS node that are renamed keep every id',
    run: async (environment) => {
      const { second, ha, settled } = environment;
      const idsOf = async (): Promise<string> =>
        entitiesOf(await ha.api.entities(), second)
          .map(({ uniqueId, entityId }) => `${uniqueId}: ${entityId}`)
          .sort()
          .join('\n');
      const [ids, dashboard] = [await idsOf(), await dashboardIds(environment, second)];
      const [task] = second.nas.state.tasks;
      second.nas.state.task(task!.id).name = 'Renamed PC';
      await second.home.end('SIGTERM');
      await second.home.rename('Attic NAS');
      await second.home.start();
      await until('both have their new names', 60, async () => {
        const names = [...(await ha.api.devices()).values()].map(({ name }) => name);
        return names.includes('Renamed PC') && names.includes('Attic NAS Active Backup') ? [] : names.map(String);
      });
      await settled();
      if ((await idsOf()) !== ids) throw new Error(`The ids were\n${ids}\nand are\n${await idsOf()}`);
      const after = await dashboardIds(environment, second);
      if (after.join() !== dashboard.join()) throw new Error(`The dashboard names ${after.join(', ')}`);
      return `${after.length} ids in the dashboard`;
    },
  },
  {
    name: 'what the second published goes again, and nothing else',
    run: async ({ second, ha, settled }) => {
      await second.home.send('purge');
      await until('nothing of it is left', 60, async () =>
        entitiesOf(await ha.api.entities(), second).map(({ entityId }) => entityId),
      );
      await second.home.end('SIGTERM');
      await settled();
      return undefined;
    },
  },
];

/** The entities in the dashboard of a bridge, as read by Home Assistant. */
async function dashboardIds({ ha }: TestEnvironment, { home }: Pick<TestEnvironment, 'home'>): Promise<string[]> {
  await ha.showDashboard(await home.dashboard('discovery'));
  return idsIn(JSON.stringify(await ha.api.dashboard(DASHBOARD)));
}

/** The entities of a NAS in Home Assistant. */
function entitiesOf(all: ReadonlyMap<string, HaEntity>, { nas }: Pick<TestEnvironment, 'nas'>): HaEntity[] {
  const prefix = `active_backup_${nas.state.serialNumber.toLowerCase()}_`;
  return [...all.values()].filter(({ uniqueId }) => uniqueId.startsWith(prefix));
}
