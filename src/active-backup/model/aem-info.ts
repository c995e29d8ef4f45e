import { objectOf, integerOf, textOf } from '../json-fields';
import type { AemInfo } from '../types';

/** The numbers of a NAS that also reported `is_managed: false` (docs/facts/dsm.md §1.3). */
const UNMANAGED = { role: 2, status: 0 } as const;

/**
 * Parses the response of `AEM.get_info`. The meaning of its numbers is not public, so role and status are `unknown`.
 */
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
