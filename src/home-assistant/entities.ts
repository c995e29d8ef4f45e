import { DEVICE_ENTITIES } from './entities/device';
import { NAS_ENTITIES } from './entities/nas';
import { STORAGE_ENTITIES } from './entities/storage';
import { TASK_ENTITIES } from './entities/task';

/** All entities. Discovery, state documents, schemas and documentation are generated from these tables. */
export const ENTITIES = {
  nas: NAS_ENTITIES,
  task: TASK_ENTITIES,
  storage: STORAGE_ENTITIES,
  device: DEVICE_ENTITIES,
} as const;

/** Kinds of devices in Home Assistant. */
export type HaDeviceKind = keyof typeof ENTITIES;
