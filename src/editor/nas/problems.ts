/** Why a value is no good: a key of the shared catalogue, and what is put into its text. */
export interface Problem {
  readonly key: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Looks at one value of a form or a flow; null when nothing is wrong. Values of a flow file may have any type. */
export type Check = (value: unknown) => Problem | null;

/** Whether a text is nothing but `${VAR}` or `$(VAR)`: Node-RED replaces it at the start of the flow, nobody knows by what. */
export function isVariable(value: unknown): boolean {
  return typeof value === 'string' && /^\$(?:\{[^}]+\}|\([^)]+\))$/.test(value.trim());
}

/** A number in a range. Nothing at all is no problem: a missing property means its default (INTERFACE 2.2). */
export function inRange({ min, max, whole }: { min: number; max: number; whole?: boolean }): Check {
  return (value) => {
    const text = textOf(value);
    if (text === '' || isVariable(text)) return null;
    const number = Number(text);
    if (Number.isFinite(number) && number >= min && number <= max && (whole !== true || Number.isInteger(number)))
      return null;
    return { key: 'problem.number', values: { min, max } };
  };
}

/** A number above 0, at most `max`; nothing means the default. */
export function positiveUpTo(max: number): Check {
  const inside = inRange({ min: 0, max });
  return (value) => {
    const isZero = textOf(value) !== '' && Number(textOf(value)) === 0;
    return inside(value) === null && !isZero ? null : { key: 'problem.upTo', values: { max } };
  };
}

/** Host name, IPv4, IPv6 or a full http(s) URL (INTERFACE 2.1), by the rules the runtime reads it with. */
export const hostProblem: Check = (value) => {
  const host = textOf(value);
  if (host === '') return { key: 'problem.required' };
  if (isVariable(host)) return null;
  return isUrl(host) ? urlProblem(host) : nameProblem(host);
};

/** Whether a host is a full URL, which then wins over port and protocol. */
export function isUrl(host: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(host.trim());
}

/** A SHA-256 fingerprint, with or without colons and blanks; or none. */
export const fingerprintProblem: Check = (value) => {
  const digits = textOf(value).replace(/[\s:]/g, '');
  if (digits === '' || isVariable(textOf(value)) || /^[0-9a-f]{64}$/i.test(digits)) return null;
  return { key: 'problem.fingerprint' };
};

/** One of a few words; nothing means the default. */
export function oneOf(words: readonly string[]): Check {
  return (value) => {
    const word = textOf(value);
    return word === '' || isVariable(word) || words.includes(word) ? null : { key: 'problem.word', values: { word } };
  };
}

/** A list of words out of a few. */
export function wordsOf(words: readonly string[]): Check {
  const check = oneOf(words);
  return (value) => {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.map((word) => check(word)).find((problem) => problem !== null) ?? null;
  };
}

function urlProblem(host: string): Problem | null {
  const url = parsedUrl(host);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return { key: 'problem.url' };
  return url.username === '' && url.password === '' ? null : { key: 'problem.accountInUrl' };
}

function nameProblem(host: string): Problem | null {
  return isHostName(isIpv6(host) ? `[${host}]` : host) ? null : { key: 'problem.host' };
}

/** A host name, an IPv4 address, or an IPv6 address in brackets. */
export function isHostName(name: string): boolean {
  const isPlain = /^(?:\[[0-9a-f:.]+\]|[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}.])?)$/iu.test(name);
  return isPlain && parsedUrl(`https://${name}/`) !== null;
}

/** An IPv6 address without brackets. */
export function isIpv6(host: string): boolean {
  return /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(host) && parsedUrl(`https://[${host}]/`) !== null;
}

/** A URL, or null for what is none. */
export function parsedUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** The text of a value as a person would type it; `''` for none. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
