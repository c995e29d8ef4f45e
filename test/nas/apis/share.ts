import type { Json, JsonObject } from '../../../src/dsm/json';
import { method } from '../method';
import type { Methods } from '../method';
import { CODE, ApiError } from '../api-error';
import { storageFields } from '../shapes/storage';
import type { Share, World } from '../world';

/** DSM's encryption algorithms of a storage: none, X25519 (docs/facts/dsm.md §3.4). */
const ENCRYPTION = { none: 0, x25519: 1 } as const;
const RELINK_SECONDS = 60;

function shareFields(world: World, share: Share): JsonObject {
  const storage = world.storages.find(({ id }) => id === share.storageId);
  const volume = world.volumes.find(({ path }) => share.path.startsWith(`${path}/`));
  const freeBytes = volume === undefined ? 0 : volume.totalBytes - volume.usedBytes;
  return {
    acl_permission: true,
    available: true,
    compress: false,
    cow: false,
    delegated: false,
    free_space: Math.floor(freeBytes),
    name: share.name,
    not_support_new_vesion: false,
    path: share.path,
    readonly: false,
    relinkable: false,
    share_type: '',
    storage_automount: true,
    storage_compress_algorithm: 0,
    storage_encrypt_algorithm: share.encrypted ? ENCRYPTION.x25519 : ENCRYPTION.none,
    storage_id: share.storageId,
    storage_mounted: storage?.mounted ?? false,
    type: 'btrfs',
    volume_no_space: freeBytes <= 0,
  };
}

/** The entries of a directory: shares; in a share the target directories of tasks and created directories. */
function filesIn(world: World, root: string): Json {
  const path = root.replace(/\/+$/, '');
  const all = [
    ...world.shares.map(({ name }) => `/${name}`),
    ...[...world.tasks.values()].map(({ shareName, targetDir }) => `/${shareName}/${targetDir}`),
    ...world.directories,
  ];
  if (path !== '' && !all.includes(path)) throw new ApiError(CODE.notExisting);
  const files = all
    .filter((each) => each.slice(0, each.lastIndexOf('/')) === path)
    .map((each) => fileFields(world, each));
  return { files, total: files.length };
}

function fileFields(world: World, path: string): JsonObject {
  return {
    isdir: true,
    mtime: Math.floor(world.simulatedUntil),
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    size: 0,
  };
}

/** Removes a storage with its share and, with its data, the versions of its tasks. */
function removeStorage(world: World, storageId: number, withData: boolean): void {
  world.storages = world.storages.filter(({ id }) => id !== storageId);
  world.shares = world.shares.filter((share) => share.storageId !== storageId);
  if (!withData) return;
  for (const task of world.tasks.values()) {
    if (task.storageId === storageId) world.versions.delete(task.id);
  }
}

/**
 * SYNO.ActiveBackup.Share: all methods of the API reference. The answers of `list_file`, `create_fs_dir`, `relink` and `remove`
 * are not published; these are plausible.
 */
export const SHARE_METHODS: Methods = {
  list: method('read', {}, ({ world }) => ({
    default_share: world.shares[0]?.name ?? '',
    shares: world.shares.map((share) => shareFields(world, share)),
  })),
  list_storage: method('read', {}, ({ world }) => ({
    storages: world.storages.map((storage) => storageFields(world, storage)),
  })),
  list_volume: method('read', {}, ({ world }) => ({
    volumes: world.volumes.map(({ path, totalBytes, usedBytes }) => ({
      total_bytes: String(Math.floor(totalBytes)),
      used_bytes: String(Math.floor(usedBytes)),
      volume_path: path,
    })),
  })),
  list_encrypted: method('read', {}, ({ world }) => ({
    shares: world.shares.filter(({ encrypted }) => encrypted).map((share) => shareFields(world, share)),
  })),
  check_file: method('read', {}, () => ({ error_files: [] })),
  list_file: method('read', { root_path: { type: 'string', required: true } }, ({ world, parameters }) =>
    filesIn(world, parameters.root_path),
  ),
  create_fs_dir: method('manage', { paths: { type: 'strings', required: true } }, ({ world, parameters }) => {
    if (!parameters.paths.every((path) => path.startsWith('/'))) throw new ApiError(CODE.invalidParameters);
    for (const path of parameters.paths) world.directories.add(path.replace(/\/+$/, ''));
    return {};
  }),
  relink: method('manage', { share_name: { type: 'string', required: true } }, ({ world, parameters, at }) => {
    const storage = world.storages.find(({ shareName }) => shareName === parameters.share_name);
    if (storage === undefined) throw new ApiError(CODE.noSuchShare);
    storage.relinksUntil = at + RELINK_SECONDS;
    return {};
  }),
  // The parameter that names the storage is not published. The first storage is removed: the worst case.
  remove: method(
    'admin',
    {
      is_remove_data: { type: 'boolean', required: true },
      storage_id: { type: 'integer' },
      share_name: { type: 'string' },
    },
    ({ world, parameters }) => {
      const { storage_id: id, share_name: name } = parameters;
      const storage = world.storages.find(
        (each) => (id === undefined || each.id === id) && (name === undefined || each.shareName === name),
      );
      if (storage === undefined) throw new ApiError(CODE.notExisting);
      removeStorage(world, storage.id, parameters.is_remove_data);
      return undefined;
    },
  ),
};
