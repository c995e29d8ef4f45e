import { describe, expect, onTestFinished, test } from 'vitest';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import { TaskListClient, type TaskListSource } from '../../src/active-backup/task-list-client';
import { takeSamples } from '../../src/active-backup/model/progress';
import type { Task } from '../../src/active-backup/types';
import { DiskStation } from '../../src/dsm/diskstation';
import type { Json, JsonObject } from '../../src/dsm/json';
import { startNas, type Nas, type NasOptions } from '../nas/index';

const TASK = 'SYNO.ActiveBackup.Task';

async function connect(options: NasOptions): Promise<{ nas: Nas; reader: TaskListClient }> {
  const nas = await startNas({ speed: 0, ...options });
  const station = new DiskStation({
    url: new URL(nas.url),
    account: { name: 'admin', password: 'synology' },
    certificate: { verify: true, fingerprint: null },
    timeoutMs: 5000,
    retryPausesMs: [],
  });
  onTestFinished(async () => {
    await station.close();
    await nas.close();
  });
  return { nas, reader: new ActiveBackup(station, 'read').createTaskListClient() };
}

const idsOf = (tasks: readonly Task[]): (number | null)[] => tasks.map(({ id }) => id);
const pagesOf = (nas: Nas): string[] =>
  nas.received('list', TASK).map(({ parameters: { offset, limit } }) => `${offset}+${limit}`);

describe('the tasks of a NAS', () => {
  test.each([
    { tasks: 0, pages: ['0+200'] },
    { tasks: 5, pages: ['0+200'] },
    { tasks: 200, pages: ['0+200'] },
    { tasks: 201, pages: ['0+200', '200+200'] },
    { tasks: 500, pages: ['0+200', '200+200', '400+200'] },
  ])('$tasks tasks come in pages $pages', async ({ tasks, pages }) => {
    const { nas, reader } = await connect({ tasks });
    const { tasks: read } = await reader.listTasks();
    expect(idsOf(read)).toEqual(nas.state.tasks.map(({ id }) => id));
    expect(pagesOf(nas)).toEqual(pages);
  });

  test.each([3, 450])('of an unchanged response are the same listing object (%i tasks)', async (tasks) => {
    const { nas, reader } = await connect({ tasks });
    const first = await reader.listTasks();
    for (let i = 0; i < 5; i += 1) expect(await reader.listTasks()).toBe(first);
    nas.state.task(tasks).name = 'Renamed';
    const renamed = await reader.listTasks();
    expect(renamed).not.toBe(first);
    expect(renamed.tasks.at(-1)?.name).toBe('Renamed');
    expect(await reader.listTasks()).toBe(renamed);
  });

  test('of a stalled backup have the speed 0', async () => {
    const running = { task_id: 1, progress: { running_task_status: 1, transfered_bytes: 5000, total_bytes: 9000 } };
    const data: Json = { total: 1, tasks: [running] };
    const reader = new TaskListClient({
      readPage: () => Promise.resolve(data),
    });
    const at = (seconds: number): Date => new Date(1_762_848_000_000 + seconds * 1000);
    const samples = new Map([[1, { at: at(0), transferredBytes: 4000 }]]);
    const moving = await reader.listTasks({ now: at(10), samples });
    expect(moving.tasks[0]?.progress).toMatchObject({ bytesPerSecond: 100, remainingSeconds: 40 });
    const stalled = await reader.listTasks({ now: at(20), samples: takeSamples(moving.tasks, at(10)) });
    expect(stalled.tasks[0]?.progress).toMatchObject({
      bytesPerSecond: 0,
      remainingSeconds: null,
      transferredBytes: 5000,
    });
    expect(await reader.listTasks({ now: at(30), samples: takeSamples(stalled.tasks, at(20)) })).toBe(stalled);
  });

  test('of two clients are independent', async () => {
    const { reader } = await connect({ tasks: 3 });
    const { reader: other } = await connect({ tasks: 4 });
    const first = await reader.listTasks();
    expect((await other.listTasks()).tasks).toHaveLength(4);
    expect(await reader.listTasks()).toBe(first);
  });

  test('after a failed poll are the same listing object as before it', async () => {
    const { nas, reader } = await connect({ tasks: 300 });
    const first = await reader.listTasks();
    nas.fail({ on: { api: TASK, method: 'list' }, times: 1, do: 'html' });
    await expect(reader.listTasks()).rejects.toMatchObject({ code: 'ERESPONSE' });
    expect(await reader.listTasks()).toBe(first);
  });

  test('are complete when one is removed or added between two pages', async () => {
    let meanwhile: (() => void) | null = null;
    const { nas, reader } = await connect({
      tasks: 300,
      onRequest: ({ parameters }) => {
        if (parameters['offset'] !== '200') return;
        meanwhile?.();
        meanwhile = null;
      },
    });
    for (const change of [() => nas.state.removeTask(7), () => nas.state.addTask({ name: 'New' })]) {
      meanwhile = change;
      expect(idsOf((await reader.listTasks()).tasks)).toEqual(nas.state.tasks.map(({ id }) => id));
    }
  });
});

/** Responses that were never seen, but are possible. */
describe.each<[string, (rows: JsonObject[], offset: number, limit: number) => { tasks: JsonObject[]; total?: number }]>(
  [
    [
      'has smaller pages than it was asked for',
      (rows, offset) => ({ tasks: rows.slice(offset, offset + 100), total: rows.length }),
    ],
    ['does not support pages', (rows) => ({ tasks: rows, total: rows.length })],
    ['does not support pages and counts the tasks of others too', (rows) => ({ tasks: rows, total: 10_000_000 })],
    [
      'counts what others see too',
      (rows, offset, limit) => ({ tasks: rows.slice(offset, offset + limit), total: rows.length + 7 }),
    ],
    [
      'repeats a row of the page before',
      (rows, offset, limit) => ({ tasks: rows.slice(Math.max(0, offset - 1), offset + limit), total: rows.length }),
    ],
  ],
)('a NAS that %s', (_name, answer) => {
  test.each([0, 3, 250])('returns its %i tasks once each, in a few requests', async (count) => {
    const rows = Array.from({ length: count }, (_, index) => ({ task_id: index + 1, task_name: `task ${index + 1}` }));
    let requests = 0;
    const source: TaskListSource = {
      readPage: ({ offset, limit }) => {
        requests += 1;
        return Promise.resolve(answer(rows, offset, limit) as Json);
      },
    };
    expect(idsOf((await new TaskListClient(source).listTasks()).tasks)).toEqual(rows.map((row) => row.task_id));
    expect(requests).toBeLessThanOrEqual(4);
  });
});

test('a total that keeps changing is accepted after a few attempts', async () => {
  let total = 250;
  const rows = Array.from({ length: 250 }, (_, index) => ({ task_id: index + 1 }));
  const page: TaskListSource['readPage'] = ({ offset, limit }) =>
    Promise.resolve({ tasks: rows.slice(offset, offset + limit), total: (total += 1) });
  const reader = new TaskListClient({
    readPage: page,
  });
  expect((await reader.listTasks()).tasks).toHaveLength(250);
  expect(total).toBeLessThan(270);
});
