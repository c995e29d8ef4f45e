import type { Parameter } from '../../active-backup/catalogue';
import type { Reply } from '../admin/replies';
import { NONE_CHOSEN } from './config-node';
import type { NasChoice } from './picking';
import { shared } from './texts';
import { explain, httpTrouble, type Trouble } from './trouble';

/** What a NAS has to choose from, by the word in the URL (INTERFACE 7). */
export type ListName = NonNullable<Parameter['choose']>;

/** A list, or in words why there is none. */
export type Choices =
  { readonly ok: true; readonly choices: readonly NasChoice[] } | { readonly ok: false; readonly why: string };

/** A question to the NAS; `now` is null until the answer has come. */
export interface Asked {
  now: Choices | null;
  readonly later: Promise<Choices>;
}

/** A NAS whose disks sleep answers after 20 s; nobody waits for longer with a menu in mind. */
const LIMIT_MS = 30_000;

/** What was asked in each dialog, by its field for the NAS, which is a new one each time; inside by NAS and list. */
const ASKED = new WeakMap<Element, Map<string, Asked>>();

/** The field for the NAS, in every dialog that has one. */
export const NAS_FIELD = '#node-input-nas';

/**
 * What the NAS that is chosen in the open dialog has; asked once per dialog and NAS. Never rejects.
 * @param again whether to ask anew if the last answer was a failure
 */
export function askFor(list: ListName, again: boolean): Asked {
  const field = document.querySelector(NAS_FIELD);
  const nas = field === null ? '' : String($(field).val() ?? '');
  if (field === null || nas === '' || nas === NONE_CHOSEN) return given({ ok: false, why: shared('choices.noNas') });
  const asked = ASKED.get(field) ?? new Map<string, Asked>();
  ASKED.set(field, asked);
  const key = `${list} ${nas}`;
  const before = asked.get(key);
  if (before !== undefined && !(again && before.now?.ok === false)) return before;
  const question: Asked = { now: null, later: fetchChoices(nas, list) };
  void question.later.then((answer) => (question.now = answer));
  asked.set(key, question);
  return question;
}

function given(answer: Choices): Asked {
  return { now: answer, later: Promise.resolve(answer) };
}

function fetchChoices(nas: string, list: ListName): Promise<Choices> {
  // Only to a relative URL does Node-RED add its root path and the token of whoever is logged in.
  const url = `active-backup/nas/${encodeURIComponent(nas)}/${list}`;
  const request = $.ajax({ url, dataType: 'json', timeout: LIMIT_MS });
  return new Promise((resolve) => {
    request.done((reply: Reply<NasChoice[]>) =>
      resolve(reply.ok ? { ok: true, choices: reply.result } : { ok: false, why: reason(reply.error) }),
    );
    request.fail(({ status }, how) =>
      resolve({ ok: false, why: how === 'timeout' ? shared('choices.late') : reason(httpTrouble(status)) }),
    );
  });
}

function reason(trouble: Trouble): string {
  return shared(trouble.code === 'ECONFIG' ? 'choices.notDeployed' : explain(trouble).headline);
}
