import type { Parameter } from '../../active-backup/methods';
import type { AdminResponse } from '../../node-red/admin/responses';
import { NONE_CHOSEN } from '../form/config-node';
import type { PickerItem } from './matching';
import { shared } from '../form/texts';
import { helpFor, httpError, type AdminError } from '../http/error-help';

/** What a NAS has to choose from, by the word in the URL (INTERFACE 7). */
export type ListName = NonNullable<Parameter['picker']>;

/** A list, or in words why there is none. */
export type Choices =
  { readonly ok: true; readonly choices: readonly PickerItem[] } | { readonly ok: false; readonly why: string };

/** A question to the NAS; `now` is null until the answer has come. */
export interface PickerRequest {
  now: Choices | null;
  readonly later: Promise<Choices>;
}

/** A NAS whose disks sleep answers after 20 s; nobody waits for longer with a menu in mind. */
const LIMIT_MS = 30_000;

/** What was asked in each dialog, by its field for the NAS, which is a new one each time; inside by NAS and list. */
const ASKED = new WeakMap<Element, Map<string, PickerRequest>>();

/** The field for the NAS, in every dialog that has one. */
export const NAS_FIELD = '#node-input-nas';

/**
 * What the NAS that is chosen in the open dialog has; asked once per dialog and NAS. Never rejects.
 * @param again whether to ask anew if the last answer was a failure
 */
export function loadPickerItems(list: ListName, again: boolean): PickerRequest {
  const field = document.querySelector(NAS_FIELD);
  const nas = field === null ? '' : String($(field).val() ?? '');
  if (field === null || nas === '' || nas === NONE_CHOSEN) return given({ ok: false, why: shared('choices.noNas') });
  const asked = ASKED.get(field) ?? new Map<string, PickerRequest>();
  ASKED.set(field, asked);
  const key = `${list} ${nas}`;
  const before = asked.get(key);
  if (before !== undefined && !(again && before.now?.ok === false)) return before;
  const question: PickerRequest = { now: null, later: fetchChoices(nas, list) };
  void question.later.then((answer) => (question.now = answer));
  asked.set(key, question);
  return question;
}

function given(answer: Choices): PickerRequest {
  return { now: answer, later: Promise.resolve(answer) };
}

function fetchChoices(nas: string, list: ListName): Promise<Choices> {
  // Only to a relative URL does Node-RED add its root path and the token of whoever is logged in.
  const url = `active-backup/nas/${encodeURIComponent(nas)}/${list}`;
  const request = $.ajax({ url, dataType: 'json', timeout: LIMIT_MS });
  return new Promise((resolve) => {
    request.done((reply: AdminResponse<PickerItem[]>) =>
      resolve(reply.ok ? { ok: true, choices: reply.result } : { ok: false, why: reason(reply.error) }),
    );
    request.fail(({ status }, how) =>
      resolve({ ok: false, why: how === 'timeout' ? shared('choices.late') : reason(httpError(status)) }),
    );
  });
}

function reason(trouble: AdminError): string {
  return shared(trouble.code === 'ECONFIG' ? 'choices.notDeployed' : helpFor(trouble).headline);
}
