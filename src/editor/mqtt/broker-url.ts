import { parseUrl } from '../../settings/addresses';
import { schemeOf } from '../../settings/broker-settings';
import { isVariable } from '../../settings/rules';

/** Whether a broker at this URL can have TLS settings: its scheme uses TLS, or its URL is an environment variable. */
export function mayUseTls(url: string): boolean {
  const scheme = schemeOf(url);
  return scheme === 'mqtts' || scheme === 'wss' || (scheme === null && isVariable(url));
}

/** Whether others on the network can read the traffic to this URL: no TLS, and not on this machine. */
export function isUnencrypted(url: string): boolean {
  const scheme = schemeOf(url);
  return (scheme === 'mqtt' || scheme === 'ws') && !/^(?:localhost|127\.[\d.]+|\[::1\])$/i.test(hostOf(url));
}

/** The label of a broker without a name: host and port, never an account in the URL. */
export function brokerAddressLabel(url: unknown): string {
  if (typeof url !== 'string') return '';
  const parsed = schemeOf(url) === null ? null : parseUrl(url.trim());
  if (parsed !== null) return decoded(parsed.host);
  return isVariable(url) ? url.trim() : '';
}

function hostOf(url: string): string {
  return parseUrl(url.trim())?.hostname ?? '';
}

/** `new URL` escapes every letter beyond ASCII in hosts of schemes other than http. */
function decoded(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    return host;
  }
}
