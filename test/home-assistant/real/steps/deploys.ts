import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from './step';

const DEPLOYS_IN_A_ROW = 10;
/** Delay between two deploys, for every node to start. */
const WORK_MS = 2000;
/** A connection that is not handed over ends after five seconds, and would go offline then. */
const HAND_OVER_MS = 7000;

/** Deploys do not interrupt anything. */
export const DEPLOYS: readonly Step[] = [
  {
    name: `${DEPLOYS_IN_A_ROW} full deploys change no state, and nothing is notified`,
    run: async ({ ha, home, settled }) => {
      // Storages are read every 15 minutes and after a deploy: the first deploy shows the space that earlier backups used.
      await home.deploy();
      await sleep(HAND_OVER_MS);
      await settled();
      const before = await ha.api.notifications();
      const ours = new Set([...(await ha.api.entities()).values()].map(({ entityId }) => entityId));
      const changes = await ha.api.stateChanges();
      try {
        for (let count = 0; count < DEPLOYS_IN_A_ROW; count += 1) {
          await home.deploy();
          await sleep(WORK_MS);
        }
        await sleep(HAND_OVER_MS);
      } finally {
        changes.close();
      }
      const changed = changes.entityIds.filter((id) => ours.has(id) || id.startsWith('automation.'));
      if (changed.length > 0) {
        const which = [...new Set(changed)];
        throw new Error(
          `${changed.length} states changed, of ${which.length} entities: ${which.slice(0, 5).join(', ')} …`,
        );
      }
      const news = (await ha.api.notifications()).filter((text) => !before.includes(text));
      if (news.length > 0) throw new Error(`Notified: ${news.join('; ')}`);
      await settled();
      return `${ours.size} entities, 0 changes`;
    },
  },
];
