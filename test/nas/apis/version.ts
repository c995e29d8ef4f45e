import { seesTask } from '../accounts';
import { deleteVersions } from '../history';
import { method } from '../method';
import type { Call, Methods } from '../method';
import { page } from '../page';
import { CODE, ApiError } from '../api-error';
import { versionFields } from '../shapes/result';
import type { Task, Version } from '../world';

const requiredInteger = { type: 'integer', required: true } as const;
const requiredIntegers = { type: 'integers', required: true } as const;
const integer = { type: 'integer' } as const;

function taskOf({ world, session, parameters }: Call<{ task_id: number }>): Task {
  const task = world.tasks.get(parameters.task_id);
  if (task === undefined) throw new ApiError(CODE.noSuchTask);
  if (!seesTask(session.account, task.id)) throw new ApiError(CODE.noTaskPermission);
  return task;
}

/** @throws ApiError 1103 when one does not exist */
function chosen(call: Call<{ task_id: number; version_ids: number[] }>): Version[] {
  const versions = call.world.versions.get(taskOf(call).id) ?? [];
  return call.parameters.version_ids.map((wanted) => {
    const version = versions.find(({ id }) => id === wanted);
    if (version === undefined) throw new ApiError(CODE.notExisting);
    return version;
  });
}

const setLock = (locked: boolean): Methods[string] =>
  method('manage', { task_id: requiredInteger, version_ids: requiredIntegers }, (call) => {
    for (const version of chosen(call)) version.locked = locked;
    return undefined;
  });

/** SYNO.ActiveBackup.Version (docs/facts/dsm.md §2.3): the list, locks and deletion. */
export const VERSION_METHODS: Methods = {
  list: method('read', { task_id: requiredInteger, offset: integer, limit: integer }, (call) => {
    const task = taskOf(call);
    const descending = [...(call.world.versions.get(task.id) ?? [])].reverse();
    const versions = page(descending, call.parameters).map((version) => ({
      ...versionFields(version, call.world.utcOffsetSeconds),
      scope: '{}',
      task_unikey: task.uuid,
      verify_status: 6,
      version_uuid: version.uuid,
    }));
    return { total: descending.length, versions };
  }),
  lock: setLock(true),
  unlock: setLock(false),
  delete: method('manage', { task_id: requiredInteger, version_ids: requiredIntegers }, (call) => {
    const versions = chosen(call);
    if (versions.some(({ locked }) => locked)) throw new ApiError(CODE.lockedVersion);
    const ids = new Set(versions.map(({ id }) => id));
    deleteVersions(call.world, taskOf(call), ids, call.at, call.session.account.name);
    return undefined;
  }),
};
