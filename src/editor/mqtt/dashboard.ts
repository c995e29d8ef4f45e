import type { AdminFailure, AdminResult } from '../http/admin-client';

/** The result of a request for a dashboard. */
export type Dashboard =
  | { readonly kind: 'yaml'; readonly yaml: string }
  /** `empty`: the bridge has published nothing yet; `notDeployed`: the runtime has no such bridge. */
  | { readonly kind: 'empty' | 'notDeployed' | 'forbidden' | 'noAnswer' | 'late' }
  /** With the runtime's own message. */
  | { readonly kind: 'refused'; readonly message: string };

const BY_CODE: Readonly<Partial<Record<AdminFailure['code'], Exclude<Dashboard['kind'], 'yaml' | 'refused'>>>> = {
  NOT_FOUND: 'notDeployed',
  FORBIDDEN: 'forbidden',
  NO_ANSWER: 'noAnswer',
  TIMEOUT: 'late',
};

/** Parses the response to a request for a dashboard. */
export function parseDashboard(response: AdminResult<{ yaml: string }>): Dashboard {
  if (response.ok) {
    const { yaml } = response.result;
    return yaml.trim() === '' ? { kind: 'empty' } : { kind: 'yaml', yaml };
  }
  const { code, message } = response.error;
  const kind = BY_CODE[code];
  return kind === undefined ? { kind: 'refused', message } : { kind };
}
