import { RESULT_STATUS } from '../../src/active-backup/codes';
import type { Nas } from '../nas/index';
import { BACKUP_TYPE } from '../nas/world';
import type { Site } from './site';

type Fields = Readonly<Record<string, unknown>>;
type Result = Nas['state']['results'][number];

/** What the retained documents of a NAS say, beside the truth. */
export interface Comparison {
  /** How many fields were compared. */
  readonly fields: number;
  /** Fields that differ, and documents that are missing or superfluous. */
  readonly differences: readonly string[];
}

const isoOf = (seconds: number): string => new Date(Math.floor(seconds) * 1000).toISOString();
const isoOrNull = (seconds: number | null = null): string | null => (seconds === null ? null : isoOf(seconds));

/** A run that a restart of the NAS has interrupted counts as failed. */
function nameOf({ status }: Result): string {
  const name = RESULT_STATUS[status as keyof typeof RESULT_STATUS];
  return name === 'incomplete' ? 'failed' : name;
}

/** Compares every document of a healthy NAS without runs, field by field. @param retained the payloads by topic */
export function compareDocuments(site: Site, retained: ReadonlyMap<string, string>): Comparison {
  const root = `active-backup/${site.options.id}`;
  const truth = documentsOf(site.nas, root);
  const rows = [...truth].flatMap(([topic, expected]) => {
    const text = retained.get(topic);
    const document = text === undefined ? {} : fieldsOf(text);
    return Object.entries(expected).map(([key, value]) => {
      const isEqual = JSON.stringify(document[key]) === JSON.stringify(value);
      return isEqual || isUnknown(key, document[key], expected)
        ? null
        : `${topic} ${key}: ${JSON.stringify(document[key])} instead of ${JSON.stringify(value)}`;
    });
  });
  const ofTask = new RegExp(`^${root}/task/\\d+/`);
  const superfluous = [...retained.keys()].filter((topic) => ofTask.test(topic) && !truth.has(topic));
  return {
    fields: rows.length,
    differences: [...rows.filter((row) => row !== null), ...superfluous.map((topic) => `${topic} is of no task`)],
  };
}

/**
 * What a document may call unknown, by null: the failures in a row of a task whose last success was before it was first seen,
 * and the problem of a task that was first seen after backups of which none succeeded or failed.
 */
function isUnknown(key: string, value: unknown, expected: Fields): boolean {
  const hasOutcome = expected['last_success'] !== null || expected['problem'] === 'ON';
  return value === null && (key === 'failures_in_row' || (key === 'problem' && !hasOutcome));
}

/** The fields of a document; those of a word alone are `value`. */
function fieldsOf(text: string): Fields {
  return text.startsWith('{') ? (JSON.parse(text) as Fields) : { value: text };
}

/** Topic → what its document must say. */
function documentsOf(nas: Nas, root: string): Map<string, Fields> {
  const tasks = nas.state.tasks.map((task) => ({ task, fields: taskFields(nas, task) }));
  const successes = tasks.flatMap(({ fields }) =>
    typeof fields['last_success'] === 'string' ? [fields['last_success']] : [],
  );
  return new Map<string, Fields>([
    [`${root}/bridge`, { value: 'online' }],
    [`${root}/connection`, { value: 'online' }],
    [
      `${root}/state`,
      {
        ...{ model: 'DS923+', tasks_total: tasks.length, tasks_running: 0 },
        tasks_failed: tasks.filter(({ fields }) => fields['problem'] === 'ON').length,
        last_success: successes.sort().at(-1) ?? null,
      },
    ],
    ...tasks.flatMap(({ task, fields }): [string, Fields][] => [
      [`${root}/task/${task.id}/state`, fields],
      [`${root}/task/${task.id}/active`, { value: 'offline' }],
      [
        `${root}/task/${task.id}/attributes`,
        { task_id: task.id, task_name: task.name, share: task.shareName, device_count: task.deviceIds.length },
      ],
    ]),
  ]);
}

function taskFields(nas: Nas, { id, name, type, lastResultId }: Nas['state']['tasks'][number]): Fields {
  const backups = nas.state.resultsOf(id).filter(({ jobAction, endedAt }) => jobAction === 1 && endedAt !== null);
  const last = backups.at(-1);
  const outcomes = backups.map(nameOf);
  const lastSuccess = outcomes.lastIndexOf('success');
  return {
    ...{ task_id: id, name, type: type in BACKUP_TYPE ? type : 'unknown', status: 'idle', running: 'OFF' },
    ...{ progress: null, speed: null, remaining: null, expected_end: null },
    version_count: nas.state.versions(id).length,
    last_success: isoOrNull(backups[lastSuccess]?.endedAt),
    ...(last && {
      last_result: nameOf(last),
      problem: outcomes.lastIndexOf('failed') > lastSuccess ? 'ON' : 'OFF',
      failures_in_row: outcomes.slice(lastSuccess + 1).filter((outcome) => outcome === 'failed').length,
      last_start: isoOf(last.startedAt),
      last_end: isoOrNull(last.endedAt),
      last_duration: Math.floor(last.endedAt ?? 0) - Math.floor(last.startedAt),
      // The history contains no bytes.
      ...(lastResultId === last.id && { last_transferred: last.transferredBytes }),
    }),
  };
}
