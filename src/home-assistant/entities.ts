import { DEVICE_ROWS } from './entities/device';
import { NAS_ROWS } from './entities/nas';
import { STORAGE_ROWS } from './entities/storage';
import { TASK_ROWS } from './entities/task';

/** Every entity there is: discovery, state documents, schemas and documentation are made from these rows alone. */
export const ENTITIES = { nas: NAS_ROWS, task: TASK_ROWS, storage: STORAGE_ROWS, device: DEVICE_ROWS } as const;

/** What may be a device in Home Assistant. */
export type ThingKind = keyof typeof ENTITIES;
