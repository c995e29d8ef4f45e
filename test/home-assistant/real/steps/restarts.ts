import { KEEPALIVE_SECONDS } from '../home';
import type { TestEnvironment } from '../environment';
import { until } from '../until';
import { mismatches, entityReader } from './commands';
import type { Step } from './step';

/** Restarts of each participant: nothing is lost, and nothing is duplicated. */
export const RESTARTS: readonly Step[] = [
  {
    name: 'Home Assistant starts again',
    run: sameAfter(async ({ ha }) => {
      await ha.stop();
      await ha.start();
    }),
  },
  {
    name: 'Home Assistant is killed and starts again',
    run: sameAfter(async ({ ha }) => {
      await ha.kill();
      await ha.start();
    }),
  },
  {
    name: 'the broker starts again without its retained messages',
    run: sameAfter(async ({ ha, broker }) => {
      await broker.stop();
      await until('everything is unavailable', 30, async () => availableIn(await ha.api.entities()));
      await broker.start();
    }),
  },
  {
    name: 'the broker is killed and starts again without its retained messages',
    run: sameAfter(async ({ broker }) => {
      await broker.kill();
      await broker.start();
    }),
  },
  {
    name: 'Node-RED stops and starts again',
    run: sameAfter(async ({ ha, home }) => {
      await home.end('SIGTERM');
      await until('everything is unavailable', 10, async () => availableIn(await ha.api.entities()));
      await home.start();
    }),
  },
  {
    name: `Node-RED is killed, which is detected within ${1.5 * KEEPALIVE_SECONDS} s, and starts again`,
    run: sameAfter(async ({ ha, home }) => {
      await home.end('SIGKILL');
      await until('everything is unavailable', 1.5 * KEEPALIVE_SECONDS, async () =>
        availableIn(await ha.api.entities()),
      );
      await home.start();
    }),
  },
  {
    name: 'the NAS gives no answer for a while: it is shown as away, not as well',
    run: sameAfter(async (environment) => {
      const nasEntity = entityReader(environment);
      const task = entityReader(environment, environment.nas.state.tasks[0]!.id);
      const undo = environment.nas.fail({ do: 'reset-before' });
      await until('it is away', 90, async () => [
        ...mismatches(await nasEntity('connected'), 'off'),
        ...mismatches(await task('status'), 'unavailable'),
      ]);
      await environment.settled();
      undo();
      await until('it is back', 90, async () => mismatches(await nasEntity('connected'), 'on'));
    }),
  },
];

/** Entities that are enabled and not unavailable. */
function availableIn(entities: Awaited<ReturnType<TestEnvironment['ha']['api']['entities']>>): string[] {
  return [...entities.values()]
    .filter(({ disabledBy, state }) => disabledBy === null && state !== 'unavailable')
    .map(({ entityId, state }) => `${entityId} is ${state}`);
}

/** Afterwards the broker has the same topics, and Home Assistant the same entities and states. */
function sameAfter(happens: (environment: TestEnvironment) => Promise<void>): Step['run'] {
  return async (environment) => {
    await environment.settled();
    const topics = [...(await environment.retained()).keys()].sort();
    const ids = await entityIds(environment);
    const from = performance.now();
    await happens(environment);
    const gone = performance.now();
    await until('the broker holds everything again', 90, async () => {
      const held = await environment.retained();
      return topics.filter((topic) => !held.has(topic)).map((topic) => `${topic} is missing`);
    });
    await environment.settled();
    const after = await entityIds(environment);
    if (JSON.stringify(after) !== JSON.stringify(ids))
      throw new Error(`Other entities: ${JSON.stringify([ids, after])}`);
    return `all back ${((performance.now() - gone) / 1000).toFixed(1)} s after, of ${((performance.now() - from) / 1000).toFixed(1)} s`;
  };
}

/** Unique id → entity id, in order. */
async function entityIds({ ha }: TestEnvironment): Promise<[string, string][]> {
  return [...(await ha.api.entities())].map(([id, { entityId }]): [string, string] => [id, entityId]).sort();
}
