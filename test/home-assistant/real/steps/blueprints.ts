import { CODE } from '../../../nas/api-error';
import { RUN_SECONDS, type Stage } from '../stage';
import { until } from '../until';
import { amiss, lookAt } from './commands';
import type { Step } from './step';

const FOLDER = 'active-backup';
/** Nobody waits for half an hour here. */
const AT_ONCE = { seconds: 0 };

/** Which task does what in these steps: index among those of the NAS. */
const GOOD = 0;
const FAILING = 2;
const OVERDUE = 3;

/** The blueprints of the examples make automations, and these do what they promise. */
export const BLUEPRINTS: readonly Step[] = [
  {
    name: 'Home Assistant makes automations of all blueprints',
    run: async (stage) => {
      const { api } = stage.ha;
      const hub = async (key: string): Promise<string> => (await lookAt(stage)(key)).entityId;
      const task = async (index: number, key: string): Promise<string> =>
        (await lookAt(stage, idOf(stage, index))(key)).entityId;
      const storage = [...(await api.entities()).values()].find(({ uniqueId }) => uniqueId.endsWith('_low_space'));
      const wanted: Record<string, Record<string, unknown>> = {
        'backup-failed': { events: [await hub('event')] },
        'backup-overdue': { sensors: [await task(OVERDUE, 'overdue')], delay: AT_ONCE },
        'storage-low': { sensors: [storage?.entityId], delay: AT_ONCE },
        'nas-silent': { sensors: [await hub('connected')], delay: AT_ONCE },
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
    name: 'a failed backup is told to a person',
    run: async (stage) => {
      stage.nas.state.startRun(idOf(stage, FAILING));
      await told(stage, /^Backup failed: Virtual machines: /);
      return undefined;
    },
  },
  {
    name: 'before an update a backup is made, and its end told',
    run: async (stage) => {
      await stage.ha.api.call('automation.trigger', { entity_id: `automation.${automation('back-up-before-update')}` });
      await told(stage, /^Backed up: Reception PC: The backup has succeeded/);
      await stage.settled();
      return undefined;
    },
  },
  {
    name: 'before an update a backup that the NAS refuses is told at once',
    run: async (stage) => {
      const undo = stage.nas.fail({ on: { method: 'backup' }, do: 'refuse', code: CODE.outsideBackupWindow });
      await stage.ha.api.call('automation.trigger', { entity_id: `automation.${automation('back-up-before-update')}` });
      await told(stage, /^Not backed up: Reception PC: The NAS has refused it\. .*\w+/);
      undo();
      await stage.settled();
      return undefined;
    },
  },
];

/** What the restarts before should have told. */
export const ALERTS: readonly Step[] = [
  {
    name: 'that the NAS was silent, and that a backup is overdue, was told to a person',
    run: async (stage) => {
      await told(stage, /^Nothing is heard of Office NAS/);
      await told(stage, /^Backup overdue: Drawings archive: /);
      await until('the NAS is there', 10, async () => amiss(await lookAt(stage)('connected'), 'on'));
      return (await stage.ha.api.notifications()).map((text) => `\n    ${text}`).join('');
    },
  },
];

function idOf({ nas }: Stage, index: number): number {
  return nas.state.tasks[index]!.id;
}

/** As an entity id has it. */
function automation(blueprint: string): string {
  return blueprint.replaceAll('-', '_');
}

async function told({ ha }: Stage, text: RegExp): Promise<void> {
  await until(`somebody is told ${text}`, RUN_SECONDS + 30, async () => {
    const texts = await ha.api.notifications();
    return texts.some((each) => text.test(each)) ? [] : ['told so far:', ...texts];
  });
}
