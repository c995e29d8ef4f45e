import { isIpv6Address } from '../../settings/addresses';
import { BROKER_NUMBERS, schemeOf } from '../../settings/broker-settings';
import { isVariable, trimmedText } from '../../settings/rules';

/** Node-RED's own `mqtt-broker` node; in an old flow, properties may be missing or of another type. */
export interface CoreBroker {
  /** Host, or a URL, which then wins over port and TLS. */
  readonly broker?: unknown;
  readonly port?: unknown;
  readonly usetls?: unknown;
  /** Id of a `tls-config` node; counts only with `usetls`. */
  readonly tls?: unknown;
  readonly keepalive?: unknown;
  readonly protocolVersion?: unknown;
  readonly [other: string]: unknown;
}

/**
 * The values for our own broker node. Never the password, nor the client id: two clients with one id disconnect each other.
 */
export interface CopiedBroker {
  /** Null if `variable` is set. */
  readonly url: string | null;
  /** Id of a `tls-config` node, or `''`. */
  readonly tls: string;
  readonly keepalive: string;
  readonly protocolVersion: 'auto' | '5';
  /** The `${VAR}` in place of host or port: Node-RED only replaces whole properties, so it cannot be part of a URL. */
  readonly variable: string | null;
  /** Node-RED's node accepts any certificate of this broker; ours verifies it. */
  readonly verifiesCertificate: boolean;
}

/** Other words for the scheme that Node-RED's node accepts. */
const SCHEME_ALIASES: Readonly<Record<string, string>> = { tcp: 'mqtt', tls: 'mqtts', ssl: 'mqtts' };
/** Node-RED's port for an empty field, with TLS too. */
const DEFAULT_PORT = '1883';

/** Maps Node-RED's own broker node to ours. */
export function copiedBroker(core: CoreBroker): CopiedBroker {
  const host = trimmedText(core.broker);
  const port = trimmedText(core.port);
  const usesTls = core.usetls === true || core.usetls === 'true';
  const tls = usesTls ? trimmedText(core.tls) : '';
  const isUrl = host.includes('://');
  const variable = isUrl ? null : ([host, port].find(isVariable) ?? null);
  const url = isUrl ? ownUrl(host) : variable === null ? urlOf(host, port, usesTls) : null;
  const isSecure = ['mqtts', 'wss'].includes(schemeOf(url ?? '') ?? '');
  const coreVerifies = core['verifyservercert'] === true || core['verifyservercert'] === 'true';
  return {
    url,
    tls,
    keepalive: keepalive(core.keepalive),
    // 3.1.1 is Node-RED's default, so it does not mean that the broker has no version 5.
    protocolVersion: trimmedText(core.protocolVersion) === '5' ? '5' : 'auto',
    variable,
    verifiesCertificate: isSecure && tls === '' && !coreVerifies,
  };
}

/** A URL with a scheme of ours, without an account. */
function ownUrl(url: string): string {
  return url
    .replace(/^[a-z]+(?=:\/\/)/i, (scheme) => SCHEME_ALIASES[scheme.toLowerCase()] ?? scheme.toLowerCase())
    .replace(/^([a-z]+:\/\/)[^/]*@/, '$1');
}

function urlOf(host: string, port: string, usesTls: boolean): string {
  const name = host === '' ? 'localhost' : isIpv6Address(host) ? `[${host}]` : host;
  return `${usesTls ? 'mqtts' : 'mqtt'}://${name}:${port === '' ? DEFAULT_PORT : port}`;
}

/** Seconds in our range. 0, which turns the keep-alive off in Node-RED's node, and texts become the default. */
function keepalive(value: unknown): string {
  const { default: preset, min, max } = BROKER_NUMBERS.keepalive;
  const text = trimmedText(value);
  if (isVariable(text)) return text;
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds <= 0) return String(preset);
  return seconds >= min && seconds <= max ? text : String(Math.min(Math.max(seconds, min), max));
}
