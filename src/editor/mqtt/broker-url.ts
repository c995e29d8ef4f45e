import { isVariable, parsedUrl } from '../nas/problems';

/** How a broker is spoken to. */
export type Scheme = 'mqtt' | 'mqtts' | 'ws' | 'wss';

const SCHEMES: readonly string[] = ['mqtt', 'mqtts', 'ws', 'wss'] satisfies Scheme[];

/** The protocol a URL begins with; null when it is none of a broker's. */
export function schemeOf(url: string): Scheme | null {
  const [, word = ''] = /^\s*([a-z]+):\/\//i.exec(url) ?? [];
  const scheme = word.toLowerCase();
  return SCHEMES.includes(scheme) ? (scheme as Scheme) : null;
}

/** Whether TLS settings are of use: the broker is spoken to by TLS, or nobody knows yet. */
export function mayUseTls(url: string): boolean {
  const scheme = schemeOf(url);
  return scheme === 'mqtts' || scheme === 'wss' || (scheme === null && isVariable(url));
}

/** Whether what is sent there can be read on the way: without TLS, and not inside this one machine. */
export function isUnencrypted(url: string): boolean {
  const scheme = schemeOf(url);
  return (scheme === 'mqtt' || scheme === 'ws') && !/^(?:localhost|127\.[\d.]+|\[::1\])$/i.test(hostOf(url));
}

/** What a broker without a name is called: host and port, and never an account somebody put into the URL. */
export function brokerLabel(url: unknown): string {
  if (typeof url !== 'string') return '';
  const parsed = schemeOf(url) === null ? null : parsedUrl(url.trim());
  if (parsed !== null) return decoded(parsed.host);
  return isVariable(url) ? url.trim() : '';
}

function hostOf(url: string): string {
  return parsedUrl(url.trim())?.hostname ?? '';
}

/** `new URL` escapes every letter beyond ASCII in hosts that are not of http. */
function decoded(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    return host;
  }
}
