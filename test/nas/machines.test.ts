import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/dsm/json';
import { schedule } from './index';
import type { Nas, NasOptions } from './index';
import { field, listedTask, nasForTest, rows, signedIn } from './test-client';
import type { Caller } from './test-client';

const HOUR = 3600;
const DAY = 24 * HOUR;
const VSS = -71;

/** A NAS on a Friday, 12:00 UTC, 13:00 of its own time, with a signed-in caller. */
async function office(options: NasOptions = {}): Promise<{ nas: Nas; call: Caller }> {
  const nas = await nasForTest({ now: () => Date.UTC(2025, 10, 21, 12), ...options });
  return { nas, call: await signedIn(nas) };
}

/** Results per device, by its name. */
async function transfers(call: Caller, from = 0): Promise<Map<Json | undefined, JsonObject[]>> {
  const { data } = await call('Overview', 'list_device_transfer_size', { time_start: from });
  return new Map(
    rows(data, 'device_list').map((row) => [field(row['device'], 'host_name'), rows(row, 'transfer_list')]),
  );
}

const detailsOf = async (call: Caller, id: number): Promise<JsonObject[]> =>
  rows((await call('Log', 'list_result_detail', { result_id: id })).data, 'result_detail_list');

/** Runs task `taskId` to its end. @returns its result */
function run(nas: Nas, taskId: number) {
  nas.state.startRun(taskId);
  nas.state.endRun(taskId);
  return nas.state.resultsOf(taskId).at(-1)!;
}

test('of 40 machines of a task one fails: the task is partial, that machine failed, 39 succeeded', async () => {
  const { nas, call } = await office({ tasks: 1, devices: 40 });
  const [, victim] = nas.state.devices;
  nas.state.setDeviceOutcome(1, victim!.id, 'failed', VSS);
  const result = run(nas, 1);
  expect(result).toMatchObject({ status: 3, successCount: 39, errorCount: 1 });
  const byName = await transfers(call);
  const statuses = [...byName].map(([name, list]) => [name, list.at(-1)?.['status']]);
  expect(statuses.filter(([, status]) => status !== 2)).toEqual([[victim!.hostName, 4]]);
  expect(statuses).toHaveLength(40);
  expect(await detailsOf(call, result.id)).toContainEqual(
    expect.objectContaining({
      log_type: 1104,
      log_level: 0,
      other_params: expect.objectContaining({ device_name: victim!.hostName, error_code: VSS }) as JsonObject,
    }),
  );
  expect(nas.state.versions(1).at(-1)).toMatchObject({ status: 5 });
});

test('when all machines fail the task fails, and it succeeds again when they do', async () => {
  const { nas } = await office({ tasks: 1, devices: 3 });
  for (const { id } of nas.state.devices) nas.state.setDeviceOutcome(1, id, 'failed');
  expect(run(nas, 1)).toMatchObject({ status: 4, devices: [{ status: 4 }, { status: 4 }, { status: 4 }] });
  for (const { id } of nas.state.devices) nas.state.setDeviceOutcome(1, id, 'success');
  expect(run(nas, 1)).toMatchObject({ status: 2, devices: [{ status: 2 }, { status: 2 }, { status: 2 }] });
});

test('DSM may report a task as failed of which one machine failed', async () => {
  const { nas } = await office({ tasks: 1, devices: 3 });
  nas.state.setDeviceOutcome(1, nas.state.devices[2]!.id, 'failed');
  nas.state.setOutcome(1, 'failed');
  expect(run(nas, 1)).toMatchObject({ status: 4, devices: [{ status: 2 }, { status: 2 }, { status: 4 }] });
});

test('machines have no row of a run that has not ended, unless the option says so', async () => {
  const rowsAfterStart = async (options: NasOptions): Promise<(Json | undefined)[]> => {
    const { nas, call } = await office({ tasks: 1, ...options });
    nas.state.startRun(1);
    nas.clock.advance(60);
    const open = [...(await transfers(call)).values()].flat().filter((row) => row['time_end'] === 0);
    const ids = open.map((row) => row['device_result_id']);
    nas.state.endRun(1);
    const ended = [...(await transfers(call)).values()].flat().at(-1);
    expect(ended).toMatchObject({ status: 2 });
    if (ids.length > 0) expect(ids).toEqual([ended?.['device_result_id']]);
    return open.map((row) => row['status']);
  };
  expect(await rowsAfterStart({})).toEqual([]);
  expect(await rowsAfterStart({ showsOpenDeviceResults: true })).toEqual([1]);
});

test.each([
  { kind: 'restoreFile', outcome: 'success', action: 1024, status: 2, types: [1201, 1203] },
  { kind: 'restoreDevice', outcome: 'failed', action: 128, status: 4, types: [1201, 1204] },
  { kind: 'restorePhysical', outcome: 'cancelled', action: 2048, status: 5, types: [1201, 1202] },
  { kind: 'verify', outcome: 'success', action: 512, status: 2, types: [1706, 1707] },
  { kind: 'verify', outcome: 'partial', action: 512, status: 3, types: [1706, 1708] },
  { kind: 'verify', outcome: 'failed', action: 512, status: 4, types: [1706, 1709] },
] as const)(
  '$kind that ends with $outcome: a result of its own, its log rows, and the place in last_result',
  async ({ kind, outcome, action, status, types }) => {
    const { nas, call } = await office();
    const before = (await transfers(call)).get('vm-projects');
    const { id } = nas.state.startJob(3, kind, { outcome, durationSeconds: 600 });
    const { data } = await call('Log', 'list_result', { filter: { job_action: action } });
    expect(rows(data, 'results')).toMatchObject([{ result_id: id, status: 1, time_end: 0 }]);
    nas.clock.advance(600);
    expect((await listedTask(call, 3))['last_result']).toMatchObject({ result_id: id, job_action: action, status });
    expect(nas.state.logs.filter(({ resultId }) => resultId === id).map(({ type }) => type)).toEqual(types);
    expect((await detailsOf(call, id)).map((row) => row['log_type'])).toEqual(types);
    expect((await transfers(call)).get('vm-projects')).toEqual(before);
  },
);

test('a job can leave the last backup in last_result, and be ended early', async () => {
  const { nas, call } = await office();
  const last = (await listedTask(call, 3))['last_result'];
  const { id } = nas.state.startJob(3, 'verify', { becomesLast: false });
  nas.state.endJob(id, 'failed');
  expect(nas.state.results.find((result) => result.id === id)).toMatchObject({ status: 4 });
  expect((await listedTask(call, 3))['last_result']).toEqual(last);
  expect(() => nas.state.endJob(id)).toThrow('no open job');
});

test('a device with hours comes and goes, and its coming starts the task of its events', async () => {
  const { nas, call } = await office({ tasks: 0, schedules: true });
  const device = nas.state.addDevice({ hostName: 'BEA-SURFACE' });
  const task = nas.state.addTask({ deviceIds: [device.id], schedule: schedule({ schedule_setting_type: 2 }) });
  nas.state.setPresence(device.id, { weekdays: [1, 2, 3, 4, 5], from: 8, to: 17, spreadMinutes: 0 });
  const online = async () => field(rows(await listedTask(call, task.id), 'devices')[0], 'agent_status');
  expect(await online()).toBe('online');
  nas.clock.advance(4 * HOUR);
  expect(await online()).toBe('offline');
  nas.clock.advance(2 * DAY + 14 * HOUR);
  expect(await online()).toBe('offline');
  expect(nas.state.results).toEqual([]);
  nas.clock.advance(2 * HOUR);
  expect(await online()).toBe('online');
  expect(nas.state.results).toMatchObject([{ status: 2, startedAt: Date.UTC(2025, 10, 24, 7) / 1000 + 5 }]);
  const types = nas.state.logs.filter(({ at }) => at > Date.UTC(2025, 10, 21, 12) / 1000).map(({ type }) => type);
  expect(types).toEqual([5010, 5001, 1115, 1101, 1102]);
});

test('a device that leaves during its backup fails, and a retired one never comes back', async () => {
  const { nas, call } = await office({ tasks: 1 });
  const [device] = nas.state.devices;
  nas.state.setPresence(device!.id, { from: 8, to: 13.1, spreadMinutes: 0 });
  nas.state.startRun(1);
  nas.clock.advance(HOUR);
  expect(nas.state.resultsOf(1).at(-1)).toMatchObject({ status: 4, devices: [{ status: 4, transferredBytes: 0 }] });
  nas.state.retire(device!.id);
  nas.clock.advance(20 * DAY);
  expect(rows(await listedTask(call, 1), 'devices')[0]).toMatchObject({ agent_status: 'offline' });
});

test('an unusual backup transfers more and lasts longer, once', async () => {
  const { nas } = await office({ tasks: 1 });
  const usual = run(nas, 1).transferredBytes;
  nas.state.deviate(1, { bytes: 7, seconds: 2 });
  nas.state.startRun(1);
  nas.clock.advance(5 + 522 + 1);
  expect(nas.state.runs).toHaveLength(1);
  nas.clock.advance(522);
  expect(nas.state.resultsOf(1).at(-1)).toMatchObject({ transferredBytes: 7 * usual, devices: [{ status: 2 }] });
  expect(run(nas, 1).transferredBytes).toBe(usual);
});

test('a volume fills by itself and stays full', async () => {
  const { nas, call } = await office({ growthPerDay: 100e9, freeBytes: 250e9 });
  const free = async () => Number(rows((await call('Share', 'list')).data, 'shares')[0]?.['free_space']);
  expect(await free()).toBe(250e9);
  nas.clock.advance(2 * DAY);
  expect(await free()).toBe(50e9);
  nas.clock.advance(2 * DAY);
  expect(await free()).toBe(0);
  nas.state.volumes[0]!.usedBytes -= 10e9;
  nas.state.setGrowth(1, 1e9);
  nas.clock.advance(DAY);
  expect(await free()).toBe(9e9);
});

test('the machines of the option: weeks of habit, one late, one failing beside others, one unusual, one silent', async () => {
  const { nas, call } = await office({ machines: true, pastDays: 60 });
  const now = nas.clock.now();
  expect(nas.state.tasks.map(({ name }) => name).slice(5)).toEqual([
    'Bea’s laptop',
    'Chen’s laptop',
    'Rendering PC',
    'Front office PC',
    'Branch servers',
    'Shop VMs',
  ]);
  const byName = await transfers(call);
  const of = (name: string) => byName.get(name) ?? [];
  const ageOf = (row: JsonObject | undefined) => (now - Number(row?.['time_end'])) / DAY;
  const weekday = (row: JsonObject) => new Date((Number(row['time_start']) + HOUR) * 1000).getUTCDay();
  expect(of('BEA-SURFACE').length).toBeGreaterThan(35);
  expect(new Set(of('BEA-SURFACE').map(weekday))).toEqual(new Set([1, 2, 3, 4, 5]));
  expect(ageOf(of('BEA-SURFACE').at(-1))).toBeLessThan(1);
  expect(ageOf(of('CHEN-X1').at(-1))).toBeGreaterThan(9);
  expect(ageOf(of('FRONT-02').at(-1))).toBeGreaterThan(9);
  const sizes = of('RENDER-01').map((row) => Number(row['transfered_bytes']));
  expect(sizes.at(-1)).toBeGreaterThan(5 * Math.max(...sizes.slice(0, -1)));
  expect(
    of('SRV-SOUTH')
      .slice(-4)
      .map((row) => row['status']),
  ).toEqual([2, 4, 4, 4]);
  expect(
    of('SRV-NORTH')
      .slice(-4)
      .map((row) => row['status']),
  ).toEqual([2, 2, 2, 2]);
  expect(nas.state.resultsOf(10).at(-1)).toMatchObject({ status: 3, errorCount: 1, successCount: 3 });
  const jobs = (action: number) => nas.state.results.filter(({ jobAction }) => jobAction === action);
  expect(jobs(512).length).toBeGreaterThan(50);
  expect(jobs(1024)).toMatchObject([{ taskId: 11, status: 2 }]);
});

test('the machines of the option go on: the silent one stays silent, the failing one fails, the laptop comes and goes', async () => {
  const { nas } = await office({ machines: true, schedules: true });
  const since = nas.clock.now();
  nas.clock.advance(4 * DAY);
  const statuses = (taskId: number) =>
    nas.state
      .resultsOf(taskId)
      .filter(({ startedAt, jobAction }) => startedAt > since && jobAction === 1)
      .map(({ status }) => status);
  expect(statuses(6)).toEqual([2, 2]); // Monday and Tuesday
  expect(statuses(7)).toEqual([]);
  expect(statuses(9)).toEqual([]);
  expect(statuses(10)).toEqual([3, 3, 3, 3]);
});
