import { DEVICE_ENTITIES } from './entities/device';
import { NAS_ENTITIES } from './entities/nas';
import { STORAGE_ENTITIES } from './entities/storage';
import { TASK_ENTITIES } from './entities/task';

/** Every entity there is: discovery, state documents, schemas and documentation are made from these rows alone. */
export const ENTITIES = {
  nas: NAS_ENTITIES,
  task: TASK_ENTITIES,
  storage: STORAGE_ENTITIES,
  device: DEVICE_ENTITIES,
} as const;

/** What may be a device in Home Assistant. */
export type HaDeviceKind = keyof typeof ENTITIES;
