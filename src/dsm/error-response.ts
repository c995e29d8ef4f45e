import { COMMON_CODES, UNKNOWN_CODE, type CodeMeaning, type CodeTable } from './codes';
import { DsmError } from './errors';
import { isJsonObject, type Json } from './json';
import { quoted, removeSecrets } from './redact';

/** Whether a lost session can be the cause of this error, so that one new login may help. */
export function mayBeLostSession(error: unknown): boolean {
  const code = error instanceof DsmError ? error.cause?.code : undefined;
  return typeof code === 'number' && COMMON_CODES[code]?.sessionMayBeLost === true;
}

/**
 * The error for a response `{success: false, error}`. API, method and code are only in its cause; the message is for
 * users.
 * @param form identifies the call; @param error DSM's `{code, errors?}`, or any other value in its place
 * @param codes meanings of the codes of this API; @param unknown meaning of all other codes
 */
export function errorFromResponse(
  label: string,
  form: Readonly<Record<string, string>>,
  error: Json | undefined,
  codes: CodeTable,
  unknown: CodeMeaning = UNKNOWN_CODE,
): DsmError {
  const raw = isJsonObject(error) ? error : {};
  const code = typeof raw['code'] === 'number' ? raw['code'] : null;
  const meaning = (code === null ? undefined : codes[code]) ?? unknown;
  const errors = removeSecrets(raw['errors'] ?? null);
  const { api = '', method = '', version = '1' } = form;
  const detail = meaning.error === 'EPARAM' ? parameterDetail(errors) : '';
  const message = `${label} refused ${isLogin(form) ? 'the sign-in' : 'the request'}: ${meaning.message}${detail}`;
  return new DsmError(meaning.error, message, {
    api,
    method,
    version: Number(version),
    code,
    errors,
  });
}

function isLogin({ api, method }: Readonly<Record<string, string>>): boolean {
  return api === 'SYNO.API.Auth' && method === 'login';
}

/**
 * The parameter that code 120 names as `{name, reason: "required"
 * "type"}`, as the end of a sentence; '' when there is none. Source: docs/facts/dsm.md §1.0.
 */
export function parameterDetail(errors: unknown): string {
  if (!isJsonObject(errors) || typeof errors['name'] !== 'string') return '';
  const reasons: Record<string, string> = { required: 'is missing', type: 'has the wrong type' };
  const reason = (typeof errors['reason'] === 'string' && reasons[errors['reason']]) || 'is wrong';
  return `, ${quoted(errors['name'])} ${reason}`;
}
