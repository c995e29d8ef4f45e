import { onTestFinished } from 'vitest';
import type { Json, JsonObject } from '../../src/dsm/json';
import { isJsonObject } from '../../src/dsm/json';
import { startNas } from './index';
import type { Nas, NasOptions } from './index';

/** An answer of the NAS with unparsed data. */
export interface Answer {
  success: boolean;
  data?: Json;
  error?: { code: number; errors?: Json };
}

type Fields = Readonly<Record<string, string>>;

/** A NAS for one test, closed when the test ends. Its clock stands still unless the test advances it. */
export async function nasForTest(options: NasOptions = {}): Promise<Nas> {
  const nas = await startNas({ speed: 0, schedules: false, ...options });
  onTestFinished(() => nas.close());
  return nas;
}

/** Sends a form without adding session or version. */
export async function post(nas: Nas, fields: Fields, headers: Fields = {}, script = 'entry.cgi'): Promise<Answer> {
  const response = await fetch(`${nas.url}/webapi/${script}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  });
  return (await response.json()) as Answer;
}

/** Signs in; `fields` extend or replace the usual ones. */
export function login(nas: Nas, fields: Fields = {}): Promise<Answer> {
  return post(nas, {
    api: 'SYNO.API.Auth',
    version: '6',
    method: 'login',
    account: 'admin',
    passwd: 'synology',
    session: 'ActiveBackup',
    format: 'sid',
    ...fields,
  });
}

/** A field of an object in an answer; undefined when there is no such object. */
export function field(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

/** The rows under a key of an answer's data. */
export function rows(data: Json | undefined, key: string): JsonObject[] {
  const value = field(data, key);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** A text field. @throws Error when it is not text */
export function word(value: Json | undefined, name: string): string {
  const found = field(value, name);
  if (typeof found !== 'string') throw new Error(`no text "${name}" in ${JSON.stringify(value)}`);
  return found;
}

/** The sid in the answer of a login. */
export async function sidOf(answer: Promise<Answer>): Promise<string> {
  return word((await answer).data, 'sid');
}

/** Calls Active Backup as a client does: version 1, values as JSON. `raw` parameters are sent unchanged. */
export interface Caller {
  (api: string, method: string, parameters?: JsonObject, raw?: Fields): Promise<Answer>;
  readonly sid: string;
}

/** A signed-in caller of `SYNO.ActiveBackup.<api>`. */
export async function signedIn(nas: Nas, fields: Fields = {}): Promise<Caller> {
  const sid = await sidOf(login(nas, fields));
  const call = (api: string, method: string, parameters: JsonObject = {}, raw: Fields = {}): Promise<Answer> => {
    const encoded = Object.entries(parameters).map(([name, value]) => [name, JSON.stringify(value)]);
    return post(nas, {
      api: `SYNO.ActiveBackup.${api}`,
      version: '1',
      method,
      _sid: sid,
      ...(Object.fromEntries(encoded) as Fields),
      ...raw,
    });
  };
  return Object.assign(call, { sid });
}

/** A task in the answer of `Task.list` with results and states. */
export async function listedTask(call: Caller, taskId: number): Promise<JsonObject> {
  const flags = { load_result: true, load_status: true, load_devices: true };
  const answer = await call('Task', 'list', { ...flags, filter: { task_id: taskId } });
  const [task] = rows(answer.data, 'tasks');
  if (task === undefined) throw new Error(`no task ${taskId} in the list`);
  return task;
}
