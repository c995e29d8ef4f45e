import { ACCESS_LEVELS } from '../active-backup/methods';
import { isHostName, isIpv6Address, parseUrl } from './addresses';
import { parseQuietHours } from './quiet-hours';
import { numberIn, oneOf, Problem, trimmedText, type NumberRange, type Rule } from './rules';

/** The text that Node-RED's editor shows, and sends, in place of a stored password. */
export const STORED_PASSWORD = '__PWRD__';

/** Numbers of a NAS node (docs/interface.md §2.1); intervals and timeout in seconds. `overdueHours` 0: by each task's schedule. */
export const NAS_NUMBERS = {
  port: { default: 5001, min: 1, max: 65535, whole: true },
  pollInterval: { default: 60, min: 5, max: 86400 },
  activePollInterval: { default: 5, min: 1, max: 3600 },
  overdueHours: { default: 0, min: 0, max: 24 * 366 },
  timeout: { default: 30, min: 1, max: 600 },
} as const satisfies Record<string, NumberRange>;

/** Access level of a NAS node without one. */
export const DEFAULT_ACCESS = 'operate';

/** Whether a host is a full URL, which then wins over port and protocol. */
export function isUrl(host: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(host.trim());
}

/** The address of a NAS: host name, IPv4, IPv6, or a full http(s) URL, of which query and fragment are dropped. */
export function parseNasAddress(host: unknown, https: boolean, port: number): URL | Problem {
  const text = trimmedText(host);
  if (text === '') return new Problem('problem.required', {}, 'is missing');
  if (isUrl(text)) return parseNasUrl(text);
  const name = isIpv6Address(text) ? `[${text}]` : text;
  const url = isHostName(name) ? parseUrl(`${https ? 'https' : 'http'}://${name}:${port}/`) : null;
  return url ?? new Problem('problem.host', {}, 'is not a host name or address');
}

function parseNasUrl(text: string): URL | Problem {
  const url = parseUrl(text);
  if (url === null) return new Problem('problem.url', {}, 'is no valid URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return new Problem('problem.url', {}, 'is no http or https address');
  }
  // An account in the address would be shown wherever the address is.
  if (url.username !== '' || url.password !== '') {
    return new Problem('problem.accountInUrl', {}, 'holds a user name: account and password have fields of their own');
  }
  url.search = url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** A SHA-256 fingerprint with or without colons and blanks, as 64 upper-case hex digits; null for none. */
export const parseFingerprint: Rule<string | null> = (value) => {
  const digits = trimmedText(value).replace(/[\s:]/g, '').toUpperCase();
  if (digits === '') return null;
  if (/^[0-9A-F]{64}$/.test(digits)) return digits;
  return new Problem(
    'problem.fingerprint',
    {},
    'is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons',
  );
};

/** The rule of each property of a NAS node that can be wrong by itself. */
export const NAS_RULES = {
  host: (value: unknown) => parseNasAddress(value, true, NAS_NUMBERS.port.default),
  port: numberIn(NAS_NUMBERS.port),
  timeout: numberIn(NAS_NUMBERS.timeout),
  fingerprint: parseFingerprint,
  access: oneOf(ACCESS_LEVELS, DEFAULT_ACCESS),
  pollInterval: numberIn(NAS_NUMBERS.pollInterval),
  activePollInterval: numberIn(NAS_NUMBERS.activePollInterval),
  overdueHours: numberIn(NAS_NUMBERS.overdueHours),
  quietHours: parseQuietHours,
} as const satisfies Record<string, Rule<unknown>>;
