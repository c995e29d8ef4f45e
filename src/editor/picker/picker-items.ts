import type { Parameter } from '../../active-backup/methods';
import type { PickerItem } from '../../node-red/admin/responses';
import { NONE_CHOSEN } from '../form/config-node';
import { shared } from '../form/texts';
import { requestAdmin } from '../http/admin-client';
import { helpFor, type AdminFailure } from '../http/error-help';

/** The lists of a NAS, by their name in the URL. */
export type PickerName = NonNullable<Parameter['picker']>;

/** The items of a NAS, or the reason why they could not be loaded. */
export type PickerResult =
  { readonly ok: true; readonly items: readonly PickerItem[] } | { readonly ok: false; readonly reason: string };

/** A request for items; `result` is null while it runs. */
export interface PickerRequest {
  result: PickerResult | null;
  readonly promise: Promise<PickerResult>;
}

/** A NAS whose disks sleep answers after 20 s. */
const TIMEOUT_MS = 30_000;

/** Requests of each open dialog, by NAS and list. The key is the dialog's field for the NAS: each dialog has a new one. */
const REQUESTS = new WeakMap<Element, Map<string, PickerRequest>>();

/** The field for the NAS, in every dialog that has one. */
export const NAS_FIELD = '#node-input-nas';

/**
 * The items of the NAS that is chosen in the open dialog, requested once per dialog and NAS. Never rejects.
 * @param retry whether to repeat a request that has failed
 */
export function loadPickerItems(list: PickerName, retry: boolean): PickerRequest {
  const field = document.querySelector(NAS_FIELD);
  const nas = field === null ? '' : String($(field).val() ?? '');
  if (field === null || nas === '' || nas === NONE_CHOSEN) return failedRequest(shared('choices.noNas'));
  const requests = REQUESTS.get(field) ?? new Map<string, PickerRequest>();
  REQUESTS.set(field, requests);
  const key = `${list} ${nas}`;
  const previous = requests.get(key);
  if (previous !== undefined && !(retry && previous.result?.ok === false)) return previous;
  const request: PickerRequest = { result: null, promise: fetchItems(nas, list) };
  void request.promise.then((result) => (request.result = result));
  requests.set(key, request);
  return request;
}

function failedRequest(reason: string): PickerRequest {
  const result: PickerResult = { ok: false, reason };
  return { result, promise: Promise.resolve(result) };
}

async function fetchItems(nas: string, list: PickerName): Promise<PickerResult> {
  const path = `nas/${encodeURIComponent(nas)}/${list}`;
  const response = await requestAdmin<PickerItem[]>(path, { timeoutMs: TIMEOUT_MS });
  return response.ok ? { ok: true, items: response.result } : { ok: false, reason: reasonText(response.error) };
}

function reasonText(failure: AdminFailure): string {
  if (failure.code === 'TIMEOUT') return shared('choices.late');
  return shared(failure.code === 'ECONFIG' ? 'choices.notDeployed' : helpFor(failure).headline);
}
