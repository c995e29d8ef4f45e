// A client that reads changing lists again and again, against a fresh client for each list: both must give the same tasks.
import { expect, test } from 'vitest';
import { LastBackupCache, type LogReader } from '../../src/active-backup/backup-log';
import { takeSamples } from '../../src/active-backup/model/progress';
import { TaskListClient, type TaskListSource } from '../../src/active-backup/task-list-client';
import type { Task } from '../../src/active-backup/types';
import type { Json, JsonObject } from '../../src/dsm/json';
import { createRandom, type Random } from '../nas/random';

const START = 1_762_848_000;
const DELETION = 131_072;
const SUCCESS = 2;
/** Values of fields that a NAS may send, the odd ones too. */
const ODD: readonly Json[] = [null, 0, -1, 1, '1', '', 'odd', true, [], {}, [null], { task_id: 1 }, 1e300];
const FIELDS = [
  'task_name',
  'unikey',
  'backup_type',
  'progress',
  'last_result',
  'devices',
  'versions',
  'sched_content',
];

/** A NAS with a changing list. Its log has a backup before each job that hides one. */
class ChangingNas {
  rows: JsonObject[] = [];
  nowSeconds = START;
  #nextJob = 1000;

  constructor(readonly random: Random) {}

  change(): void {
    const { random, rows } = this;
    this.nowSeconds += random.pick([0, 5, 60, 60, 60, -30, 86_400]);
    const row = rows.length === 0 ? undefined : random.pick(rows);
    const id = random.integer(1, 12);
    const change = random.integer(0, 12);
    if (row === undefined || change === 0) rows.splice(random.integer(0, rows.length), 0, this.#rowOf(id));
    else if (change === 1) rows.splice(rows.indexOf(row), 1);
    else if (change === 2) this.rows = [...rows].reverse();
    else if (change <= 5) this.#edit(row);
    else if (change <= 7) this.#run(row);
  }

  /** A new task, or the row of a task once more: the log has one job of each. */
  #rowOf(id: number): JsonObject {
    const known = this.rows.find(({ task_id }) => task_id === id);
    if (known !== undefined) return { ...known };
    return {
      task_id: id,
      unikey: `uuid-${this.random.integer(1, 20)}`,
      task_name: `Task ${id}`,
      devices: [{ device_id: id, host_name: `pc-${id}`, agent_status: 'online' }],
      retention_policy: { keep_versions: 7 },
    };
  }

  /** Rows are replaced, so that a response keeps what it had. */
  #replace(row: JsonObject, fields: JsonObject): void {
    this.rows = this.rows.map((each) => (each['task_id'] === row['task_id'] ? { ...row, ...fields } : each));
  }

  #edit(row: JsonObject): void {
    const { random } = this;
    const field = random.pick(FIELDS);
    if (random.integer(0, 3) > 0) this.#replace(row, { [field]: random.pick(ODD) });
    else this.rows = this.rows.map((each) => (each['task_id'] === row['task_id'] ? omit(row, field) : each));
  }

  #run(row: JsonObject): void {
    const { random } = this;
    this.#nextJob += 2;
    const job_action = random.pick([1, DELETION]);
    const last_result = { result_id: this.#nextJob, job_action, status: SUCCESS, time_start: START + this.#nextJob };
    const transfered_bytes = random.integer(0, 5) * 1000;
    const progress = random.pick<Json>([{}, { running_task_status: 1, transfered_bytes, total_bytes: 9000 }]);
    this.#replace(row, { last_result, progress });
  }

  readonly readPage: TaskListSource['readPage'] = ({ offset }, cache) => {
    const tasks = this.rows.slice(offset, offset + 3);
    const bytes = Buffer.from(JSON.stringify({ total: this.rows.length, tasks }));
    const known = cache.get(bytes);
    if (known !== undefined) return Promise.resolve(known);
    const data = JSON.parse(bytes.toString()) as Json;
    cache.set(bytes, data);
    return Promise.resolve(data);
  };

  readonly readLog: LogReader = () => {
    const listed = new Map(this.rows.map((row) => [row['task_id'], row])); // of a repeated task the last row counts
    const results = [...listed.values()].flatMap(({ task_id = null, last_result = null }) => {
      const job = last_result as { result_id?: number } | null;
      if (job?.result_id === undefined) return [];
      const result_id = job.result_id - 1;
      return [{ result_id, task_id, job_action: 1, status: SUCCESS, time_start: START, time_end: START + result_id }];
    });
    return Promise.resolve({ count: results.length, results });
  };
}

function omit(row: JsonObject, field: string): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
}

function clientOf({ readPage, readLog }: ChangingNas): TaskListClient {
  const lastBackups = new LastBackupCache();
  return new TaskListClient({ readPage, fill: (tasks, jobs) => lastBackups.fill(tasks, jobs, readLog) });
}

/** The text of each row by its task id, of tasks that occur once. */
function textsOf(rows: readonly JsonObject[]): Map<Json | undefined, string> {
  const ids = rows.map((row) => row['task_id']);
  const once = rows.filter(({ task_id }) => ids.indexOf(task_id) === ids.lastIndexOf(task_id));
  return new Map(once.map((row) => [row['task_id'], JSON.stringify(row)]));
}

/** 20 seeds are 10,000 lists, for which the whole suite has no time. */
const SEEDS = Number(process.env['TASK_LIST_SEEDS'] ?? 4);

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'lists read one after another are those of a fresh client, and unchanged tasks the same objects (seed %i)',
  async (seed) => {
    const nas = new ChangingNas(createRandom(seed));
    const client = clientOf(nas);
    let samples: ReturnType<typeof takeSamples> = new Map();
    let before: { texts: Map<Json | undefined, string>; tasks: readonly Task[] } = { texts: new Map(), tasks: [] };
    for (let step = 0; step < 500; step += 1) {
      nas.change();
      const now = new Date(nas.nowSeconds * 1000);
      const listing = await client.listTasks({ now, samples });
      expect(listing).toEqual(await clientOf(nas).listTasks({ now, samples }));
      const texts = textsOf(nas.rows);
      for (const task of listing.tasks) {
        const taskBefore = before.tasks.find(({ id }) => id === task.id);
        const text = texts.get(task.id ?? undefined);
        const isUnchanged = text !== undefined && text === before.texts.get(task.id ?? undefined);
        // A page of repeated tasks ends a list, so a task may be missing in one list and occur in the next.
        if (isUnchanged && task.state === 'idle' && taskBefore !== undefined) expect(task).toBe(taskBefore);
      }
      if (
        listing.tasks.every((task, at) => task === before.tasks[at]) &&
        listing.tasks.length === before.tasks.length
      ) {
        expect(listing.tasks).toBe(before.tasks);
      }
      before = { texts, tasks: listing.tasks };
      samples = takeSamples(listing.tasks, now);
    }
  },
);
