/** A URL; null for a text that is none. */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** A host name, an IPv4 address, or an IPv6 address in brackets. */
export function isHostName(name: string): boolean {
  const isPlain = /^(?:\[[0-9a-f:.]+\]|[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}.])?)$/iu.test(name);
  return isPlain && parseUrl(`https://${name}/`) !== null;
}

/** An IPv6 address without brackets. */
export function isIpv6Address(host: string): boolean {
  return /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(host) && parseUrl(`https://[${host}]/`) !== null;
}
