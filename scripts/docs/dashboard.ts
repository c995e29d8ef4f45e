import { getNasInfo } from '../../src/active-backup/nas-info';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import { DiskStation } from '../../src/dsm/diskstation';
import { buildDashboard } from '../../src/home-assistant/dashboard';
import type { BridgeOptions } from '../../src/home-assistant/types';
import { toYaml } from '../../src/home-assistant/yaml';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { identityOf } from '../../src/bridge/nas-identity';
import { bridgeSettings } from '../../src/node-red/mqtt-bridge';
import { packageInfo } from '../../src/client/package-info';
import { startNas, type Nas } from '../../test/nas/index';

/** Name of the NAS of `npm start`. */
const NAME = 'Demo NAS';
const ACCOUNT = { name: 'admin', password: 'synology' };
const TIMEOUT_MS = 10_000;

const HEAD = `# A dashboard for the NAS of \`npm start\`, with commands switched on in its bridge; made by \`npm run docs\`.
# The button "Copy dashboard for Home Assistant" in the dialog of a bridge makes one like it for the NAS that it publishes.
`;

/** The dashboard that the bridge of the demo offers when it takes commands, as YAML. */
export async function demoDashboard(): Promise<string> {
  const nas = await startNas({ accounts: [ACCOUNT] });
  const station = new DiskStation({
    url: new URL(nas.url),
    account: ACCOUNT,
    certificate: { verify: true, fingerprint: null },
    timeoutMs: TIMEOUT_MS,
    retryPausesMs: [],
  });
  try {
    return HEAD + toYaml({ views: [await viewOf(nas, station)] });
  } finally {
    await station.close();
    await nas.close();
  }
}

async function viewOf(nas: Nas, station: DiskStation): Promise<ReturnType<typeof buildDashboard>> {
  const settings = bridgeSettings({ id: '', type: 'active-backup-mqtt-bridge', z: '', name: '', commands: true });
  const { nasId, description } = identityOf('', await getNasInfo(station), { address: nas.url, name: NAME });
  const options: BridgeOptions = { ...settings, nasId, origin: packageInfo() };
  return buildDashboard(await snapshotOf(new ActiveBackup(station, 'read')), description, options);
}

/** A snapshot with the tasks and storages of a NAS; their state makes no difference to a dashboard. */
async function snapshotOf(activeBackup: ActiveBackup): Promise<NasSnapshot> {
  const tasks = await activeBackup.listTasks();
  const { storages } = await activeBackup.overview();
  return {
    at: new Date(0).toISOString(),
    online: true,
    tasks: tasks.map((task) => ({ task, recent: [], failing: null, transferredBytes: 0 })),
    storages: storages.map((storage) => ({ ...storage, low: false })),
    storageWasLow: false,
    devices: null,
    lastVerification: null,
    lastRestore: null,
    transferredBytes: 0,
    protections: null,
  };
}
