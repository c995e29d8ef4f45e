import type { JsonObject } from '../../../src/dsm/json';
import type { BackupTypeName, Storage, Task, World } from '../world';

/** DSM's words for the kinds of device in `device_info`. */
const DEVICE_INFO = {
  file_server: 'agentless',
  nas: 'dsm',
  pc: 'pc',
  physical_server: 'server',
  vm: 'vm',
} as const satisfies Record<BackupTypeName, string>;

/** Size of a task's versions without deduplication. */
function logicalBytes(world: World, task: Task): number {
  return task.plan.totalBytes * (world.versions.get(task.id)?.length ?? 0);
}

function deviceInfo(world: World, tasks: readonly Task[]): JsonObject {
  const rows = Object.entries(DEVICE_INFO).flatMap(([type, word]) => {
    const ofType = tasks.filter((task) => task.type === type);
    const count = new Set(ofType.flatMap(({ deviceIds }) => deviceIds)).size;
    const size = ofType.reduce((sum, task) => sum + logicalBytes(world, task), 0);
    return [
      [`${word}_count`, count],
      [`${word}_size`, Math.floor(size)],
    ] as const;
  });
  return Object.fromEntries(rows);
}

/** A storage in `Share.list_storage`: every captured field. */
export function storageFields(world: World, storage: Storage): JsonObject {
  const tasks = [...world.tasks.values()].filter(({ storageId }) => storageId === storage.id);
  const running = [...world.runs.values()].filter(
    ({ state, taskId }) => state !== 'waiting' && tasks.some(({ id }) => id === taskId),
  );
  const relinks = world.simulatedUntil < storage.relinksUntil;
  return {
    automount_iv: '',
    automount_location: '',
    backup_tasks: running.map(({ taskId }) => taskId),
    compacting: storage.compacting,
    compacting_percentage: 0,
    compressed_size: Math.floor(storage.compressedBytes),
    dedup_size: Math.floor(storage.dedupBytes),
    delete_tasks: [],
    delete_versions: [],
    device_count: new Set(tasks.flatMap(({ deviceIds }) => deviceIds)).size,
    device_info: deviceInfo(world, tasks),
    fs_name: 'btrfs',
    fs_type: 3,
    mounted: storage.mounted,
    relink_state: { alive: relinks, error: { code: 0 }, owner: true, state: relinks ? 1 : 0 },
    repo_dir: '@ActiveBackup',
    share_name: storage.shareName,
    share_type: '',
    storage_compress_algorithm: 0,
    storage_encrypt_algorithm: storage.encrypted ? 1 : 0,
    storage_id: storage.id,
    vol_name: storage.volumeName,
    volume_path: storage.volumePath,
  };
}
