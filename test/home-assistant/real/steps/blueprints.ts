import { CODE } from '../../../nas/api-error';
import { RUN_SECONDS, type TestEnvironment } from '../environment';
import { until } from '../until';
import { mismatches, entityReader } from './commands';
import type { Step } from './step';

const FOLDER = 'active-backup';
/** A shorter delay than the default of half an hour. */
const AT_ONCE = { seconds: 0 };

/** The tasks of these steps: index among those of the NAS. */
const GOOD = 0;
const FAILING = 2;
const OVERDUE = 3;

/** Automations from the blueprints of the examples work. */
export const BLUEPRINTS: readonly Step[] = [
  {
    name: 'Home Assistant makes automations of all blueprints',
    run: async (environment) => {
      const { api } = environment.ha;
      const nasEntity = async (key: string): Promise<string> => (await entityReader(environment)(key)).entityId;
      const task = async (index: number, key: string): Promise<string> =>
        (await entityReader(environment, idOf(environment, index))(key)).entityId;
      const storage = [...(await api.entities()).values()].find(({ uniqueId }) => uniqueId.endsWith('_low_space'));
      const wanted: Record<string, Record<string, unknown>> = {
        'backup-failed': { events: [await nasEntity('event')] },
        'backup-overdue': { sensors: [await task(OVERDUE, 'overdue')], delay: AT_ONCE },
        'storage-low': { sensors: [storage?.entityId], delay: AT_ONCE },
        'nas-silent': { sensors: [await nasEntity('connected')], delay: AT_ONCE },
        'back-up-before-update': { button: await task(GOOD, 'start'), event: await task(GOOD, 'event') },
      };
      for (const [name, input] of Object.entries(wanted))
        await api.automate(automation(name), `${FOLDER}/${name}.yaml`, input);
      await until('all of them are on', 20, async () => {
        const states = await Promise.all(
          Object.keys(wanted).map(async (name) => [name, await api.stateOf(`automation.${automation(name)}`)] as const),
        );
        return states.filter(([, state]) => state !== 'on').map(([name, state]) => `${name} is ${state}`);
      });
      return Object.keys(wanted).join(', ');
    },
  },
  {
    name: 'a failed backup causes a notification',
    run: async (environment) => {
      environment.nas.state.startRun(idOf(environment, FAILING));
      await waitForNotification(environment, /^Backup failed: Virtual machines: /);
      return undefined;
    },
  },
  {
    name: 'before an update a backup is made, and its end causes a notification',
    run: async (environment) => {
      await environment.ha.api.call('automation.trigger', {
        entity_id: `automation.${automation('back-up-before-update')}`,
      });
      await waitForNotification(environment, /^Backed up: Reception PC: The backup has succeeded/);
      await environment.settled();
      return undefined;
    },
  },
  {
    name: 'before an update a backup that the NAS refuses causes a notification at once',
    run: async (environment) => {
      const undo = environment.nas.fail({ on: { method: 'backup' }, do: 'refuse', code: CODE.outsideBackupWindow });
      await environment.ha.api.call('automation.trigger', {
        entity_id: `automation.${automation('back-up-before-update')}`,
      });
      await waitForNotification(environment, /^Not backed up: Reception PC: The NAS has refused it\. .*\w+/);
      undo();
      await environment.settled();
      return undefined;
    },
  },
];

/** Notifications that the restarts before should have caused. */
export const ALERTS: readonly Step[] = [
  {
    name: 'a silent NAS and an overdue backup have caused notifications',
    run: async (environment) => {
      await waitForNotification(environment, /^Nothing is heard of Office NAS/);
      await waitForNotification(environment, /^Backup overdue: Drawings archive: /);
      await until('the NAS is there', 10, async () => mismatches(await entityReader(environment)('connected'), 'on'));
      return (await environment.ha.api.notifications()).map((text) => `\n    ${text}`).join('');
    },
  },
];

function idOf({ nas }: TestEnvironment, index: number): number {
  return nas.state.tasks[index]!.id;
}

/** The id part of an automation. */
function automation(blueprint: string): string {
  return blueprint.replaceAll('-', '_');
}

async function waitForNotification({ ha }: TestEnvironment, text: RegExp): Promise<void> {
  await until(`the notification ${text}`, RUN_SECONDS + 30, async () => {
    const texts = await ha.api.notifications();
    return texts.some((each) => text.test(each)) ? [] : ['notifications so far:', ...texts];
  });
}
