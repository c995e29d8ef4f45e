import type { Json } from '../dsm/json';
import type { CallPayload } from './method-call';
import { parseAemInfo } from './model/aem-info';
import { parseDevices, parseTaskDeviceRows, parseTasks } from './model/task';
import type { ProgressContext } from './model/progress';
import { parseResults } from './model/result';
import { parseShares, parseStorages, parseVolumes } from './model/storage';
import type { Task, TaskDeviceRow } from './types';

/** Parsers of the methods that list tasks. Their result depends on the previous poll and on the backup log. */
export const TASK_LIST_PARSERS: Readonly<
  Record<string, (data: Json, context: ProgressContext | null) => Task[] | TaskDeviceRow[]>
> = {
  'Task.list': parseTasks,
  'Task.list_with_device': parseTaskDeviceRows,
};

/** Parsers of all other methods with a data model. */
export const RESPONSE_PARSERS: Readonly<Record<string, (data: Json) => CallPayload>> = {
  'Share.list': parseShares,
  'Share.list_encrypted': parseShares,
  'Share.list_storage': parseStorages,
  'Share.list_volume': parseVolumes,
  'AEM.get_info': parseAemInfo,
  'Log.list_result': parseResults,
  'Device.list': parseDevices,
};
