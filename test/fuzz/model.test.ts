import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BACKUP_TYPE, JOB_ACTION, PLATFORM, RESULT_STATUS, RUNNING_TASK_STATUS } from '../../src/active-backup/codes';
import { parseDeviceResults } from '../../src/active-backup/model/device-result';
import { parseTasks } from '../../src/active-backup/model/task';
import { RESPONSE_PARSERS, TASK_LIST_PARSERS } from '../../src/active-backup/response-parsers';
import type { Device, Result, Task } from '../../src/active-backup/types';
import { isJsonObject, type Json } from '../../src/dsm/json';
import { captured, CAPTURED } from '../active-backup/captured';
import { LIMIT_MS, mutated, OPTIONS } from './support';

const PARSERS: readonly ((data: Json) => unknown)[] = [
  ...Object.values(RESPONSE_PARSERS),
  ...Object.values(TASK_LIST_PARSERS).map((parse) => (data: Json) => parse(data, null)),
  // Without its list it is refused, and the call ends with ERESPONSE.
  (data) => (isJsonObject(data) && data['device_list'] !== undefined ? parseDeviceResults(data) : []),
];

/** A captured answer, changed in up to four places, and the running state of its tasks as well. */
const answer = fc.constantFrom(...CAPTURED).chain((name) => mutated(withProgress(captured(name))));

function withProgress(data: Json): Json {
  if (!isJsonObject(data) || !Array.isArray(data['tasks'])) return data;
  const progress = { running_task_status: 1, percentage: 0.5, transfered_bytes: 2, total_bytes: 4, pid: 7 };
  return { ...data, tasks: data['tasks'].map((task) => (isJsonObject(task) ? { ...task, progress } : task)) };
}

const word = (codes: Readonly<Record<number, string>>, code: number | null): string =>
  Object.entries(codes).find(([each]) => Number(each) === code)?.[1] ?? 'unknown';

function expectWordsOfTask({ type, typeCode, state, stateCode, lastResult, devices }: Task): void {
  expect(type).toBe(word(BACKUP_TYPE, typeCode));
  if (stateCode === null) expect(['idle', 'running']).toContain(state);
  else expect(state).toBe(word(RUNNING_TASK_STATUS, stateCode));
  if (lastResult !== null) expectWordsOfResult(lastResult);
  devices.forEach(expectWordsOfDevice);
}

function expectWordsOfDevice({ type, typeCode, platform, platformCode }: Device): void {
  expect(type).toBe(word(BACKUP_TYPE, typeCode));
  // `list_with_device` has a word of its own instead of the number.
  if (platformCode !== null) expect(platform).toBe(word(PLATFORM, platformCode));
}

function expectWordsOfResult({ action, actionCode, status, statusCode }: Result): void {
  const known = Object.values<string>(JOB_ACTION);
  if (action !== 'unknown') expect(known).toContain(action);
  if (actionCode !== null && actionCode in JOB_ACTION) expect(action).toBe(word(JOB_ACTION, actionCode));
  // The times decide on 1; 0 is no result yet.
  if (statusCode === null) expect(['unknown', 'running', 'none']).toContain(status);
  else if (statusCode > 1 || statusCode < 0) expect(status).toBe(word(RESULT_STATUS, statusCode));
}

test(
  'whatever Active Backup answers, each parser returns a model that JSON carries',
  () => {
    fc.assert(
      fc.property(fc.constantFrom(...PARSERS), answer, (parse, data) => {
        const model = parse(data);
        expect(JSON.parse(JSON.stringify(model))).toEqual(model);
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);

test(
  'the word of each number is its own, and "unknown" for every other number',
  () => {
    fc.assert(
      fc.property(answer, (data) => {
        parseTasks(data, null).forEach(expectWordsOfTask);
        const results = RESPONSE_PARSERS['Log.list_result']?.(data);
        (results as Result[]).forEach(expectWordsOfResult);
        (RESPONSE_PARSERS['Device.list']?.(data) as Device[]).forEach(expectWordsOfDevice);
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);
