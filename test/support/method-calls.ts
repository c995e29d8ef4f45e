import { methodName, methodOf, type Method, type Parameter } from '../../src/active-backup/methods';
import type { Json, JsonObject } from '../../src/dsm/json';
import { jsonOf } from './built';

/** Every method in the reference of the APIs, so that no method can be missing in the tests. */
const REFERENCE = jsonOf('test/fixtures/api-reference.json') as { api: string; method: string; required: string[] }[];

/** The same methods with this package's description of each and its palette node. */
export const ROWS = REFERENCE.map(({ api, method, required }) => {
  const row = methodOf(api, method);
  return { ...row, name: methodName(row), node: nodeOf(row), required };
});
export type Row = (typeof ROWS)[number];

/** The palette node of a method, as in docs/interface.md §3. */
function nodeOf({ api, level }: Method): string {
  if (api === 'SYNO.ActiveBackup.Share') return 'share-storage';
  if (api === 'SYNO.ActiveBackup.AEM') return 'aem-info';
  return level === 'read' ? 'task-list' : 'task-backup';
}

/** Values of required parameters, by name. */
const NEEDED: JsonObject = {
  backup_type: 2,
  hostname: 'nas.office.lan',
  is_remove_data: false,
  key: 'planted-key',
  leader_addr: 'leader.lan',
  paths: ['/ActiveBackupforBusiness/new, with comma'],
  root_path: '/ActiveBackupforBusiness',
  share_name: 'ActiveBackupforBusiness',
  task_ids: [1],
};

/** Further values, of each JSON type; among them strings that look like another type and must stay strings. */
const MORE: Readonly<Record<string, JsonObject>> = {
  'AEM.join': { leader_addr: 'leader.lan', key: 'planted-key & "more"' },
  'Task.create_agent': { task_name: '2025', retention_policy: { keep_versions: 5 }, max_concurrent_devices: 2 },
  'Task.create_agentless': { task_name: 'true', sched_content: { run_hour: 4 } },
  'Task.create_vm': { task_name: 'Käse & "Brot" = 100 %', devices: [3] },
  'Task.get_default_task_name': { default_prefix: '12' },
  'Task.list': { load_versions: true, load_verify_status: false, filter: { status: 'all' }, limit: 3, offset: 1 },
  'Task.remove': { task_ids: [4] },
  'Task.set': { task_ids: [2, 3], max_concurrent_devices: 0 },
};

/** Valid values for all required parameters of a method and some optional ones. */
export function valuesFor({ name, parameters }: Row): JsonObject {
  const needed = Object.entries<Parameter>(parameters).filter(([, { required }]) => required === true);
  return { ...Object.fromEntries(needed.map(([parameter]) => [parameter, NEEDED[parameter] ?? null])), ...MORE[name] };
}

/** For each parameter type, a value of another type that a user might enter. */
export const WRONG: Readonly<Record<Parameter['type'], Json>> = {
  any: null,
  array: '{}',
  boolean: 'maybe',
  integer: 'many',
  integers: 'one, two',
  object: '[]',
  string: { text: 'in an object' },
  strings: [1],
};
