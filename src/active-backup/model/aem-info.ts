import { objectOf, integerOf, textOf } from '../json-fields';
import type { AemInfo } from '../types';

/** The numbers of a NAS that said of itself `is_managed: false` (DSM facts 10.5). */
const UNMANAGED = { role: 2, status: 0 } as const;

/** The answer of `AEM.get_info`. What its numbers mean is not public: the words are `unknown` until somebody knows. */
export function parseAemInfo(data: unknown): AemInfo {
  const raw = objectOf(data);
  const roleCode = integerOf(raw['role']);
  const statusCode = integerOf(raw['status']);
  return {
    joined: roleCode === UNMANAGED.role && statusCode === UNMANAGED.status ? false : null,
    address: textOf(raw['addr']),
    role: 'unknown',
    roleCode,
    status: 'unknown',
    statusCode,
  };
}
