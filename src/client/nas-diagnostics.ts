import { answerShape, type Shape } from '../active-backup/answer-shape';
import type { Task } from '../active-backup/types';
import { dsmErrorOf } from '../dsm/errors';
import type { Json } from '../dsm/json';
import type { RecentError } from '../dsm/recent-errors';
import type { NasConnection } from './nas-connection';

/** An error by its codes: messages contain the address of the NAS. */
interface FailedRead {
  readonly error: string;
  readonly dsmCode: number | null;
  readonly reason: string | null;
}

/** A description of a NAS for a report of a fault: no name, address, serial number or secret. */
export interface NasDiagnostics {
  readonly connection: {
    readonly protocol: string;
    readonly verify: boolean;
    readonly pinned: boolean;
    readonly tls: boolean;
  };
  readonly versions: object | FailedRead;
  /** `1-3`: the versions that DSM offers, by API of Active Backup. */
  readonly apis: Readonly<Record<string, string>> | FailedRead;
  readonly counts: object | FailedRead;
  /** The structure of DSM's answers, by method. */
  readonly answers: Readonly<Record<string, Shape | FailedRead>>;
  readonly errors: readonly RecentError[];
}

/** Reads whose answers are described; with the parameters of the polls. */
const READS: Readonly<Record<string, { api: string; method: string; parameters: Record<string, Json> }>> = {
  'Task.list': {
    api: 'SYNO.ActiveBackup.Task',
    method: 'list',
    parameters: { load_status: true, load_result: true, load_devices: true },
  },
  'Share.list_storage': { api: 'SYNO.ActiveBackup.Share', method: 'list_storage', parameters: {} },
  'Log.list_result': { api: 'SYNO.ActiveBackup.Log', method: 'list_result', parameters: { offset: 0, limit: 20 } },
  'Activation.get': { api: 'SYNO.ActiveBackup.Activation', method: 'get', parameters: {} },
};

const OWN_API = 'SYNO.ActiveBackup.';

/** Reads the diagnostics of a NAS. What cannot be read is described by its error. */
export async function readNasDiagnostics(nas: NasConnection): Promise<NasDiagnostics> {
  const { certificate } = nas;
  const versions = await orError(() => versionsOf(nas));
  return {
    connection: {
      protocol: new URL(nas.address).protocol,
      verify: certificate.verify,
      pinned: certificate.fingerprint !== null,
      tls: certificate.tls !== undefined,
    },
    versions,
    ...(isUnreachable(versions) ? unread(versions) : await furtherReads(nas)),
    errors: nas.recentErrors(),
  };
}

/** What is read of a NAS that answers. */
type FurtherReads = Pick<NasDiagnostics, 'apis' | 'counts' | 'answers'>;

async function furtherReads(nas: NasConnection): Promise<FurtherReads> {
  const answers = Object.entries(READS).map(async ([name, call]) => {
    return [name, await orError(async () => answerShape((await nas.activeBackup.call(call)).data))] as const;
  });
  const [apis, counts, shapes] = await Promise.all([
    orError(() => apisOf(nas)),
    orError(() => countsOf(nas)),
    Promise.all(answers),
  ]);
  return { apis, counts, answers: Object.fromEntries(shapes) };
}

/** Each read of a NAS that does not answer would take as long as the first one, and fail in the same way. */
function unread(failed: FailedRead): FurtherReads {
  const answers = Object.fromEntries(Object.keys(READS).map((name) => [name, failed]));
  return { apis: failed, counts: failed, answers };
}

function isUnreachable(read: object | FailedRead): read is FailedRead {
  return 'error' in read && read.error === 'EUNREACHABLE';
}

async function orError<T>(read: () => Promise<T>): Promise<T | FailedRead> {
  try {
    return await read();
  } catch (error) {
    const { code, cause } = dsmErrorOf(error, 'ERESPONSE', 'An answer could not be described');
    return { error: code, dsmCode: cause?.code ?? null, reason: cause?.reason ?? null };
  }
}

async function versionsOf(nas: NasConnection): Promise<object> {
  const { model, dsmVersion, activeBackupVersion, rights } = await nas.nasInfo();
  return { model, dsmVersion, activeBackupVersion, rights };
}

async function apisOf(nas: NasConnection): Promise<Record<string, string>> {
  const apis = [...(await nas.apis())].filter(([api]) => api.startsWith(OWN_API)).sort();
  return Object.fromEntries(apis.map(([api, { minVersion, maxVersion }]) => [api, `${minVersion}-${maxVersion}`]));
}

async function countsOf(nas: NasConnection): Promise<object> {
  const [tasks, storages] = await Promise.all([nas.activeBackup.listTasks(), nas.activeBackup.listStorages()]);
  const devices = tasks.flatMap((task) => task.devices);
  return {
    tasks: tasks.length,
    byType: countBy(tasks, ({ type }) => type),
    byState: countBy(tasks, ({ state }) => state),
    byLastResult: countBy(tasks, ({ lastResult }) => lastResult?.status ?? 'none'),
    devices: devices.length,
    storages: storages.length,
  };
}

function countBy(tasks: readonly Task[], word: (task: Task) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const task of tasks) counts[word(task)] = (counts[word(task)] ?? 0) + 1;
  return counts;
}
