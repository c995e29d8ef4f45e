import { schemeOf } from './broker-url';
import { BROKER_NUMBERS } from './broker-numbers';
import { inRange, isIpv6, isVariable, textOf } from '../nas/problems';

/** What of Node-RED's own `mqtt-broker` node counts; any of it may be missing or of another type in an old flow. */
export interface CoreBroker {
  /** Host, or a whole URL, which then wins over port and TLS. */
  readonly broker?: unknown;
  readonly port?: unknown;
  readonly usetls?: unknown;
  /** Id of a `tls-config` node; counts only with `usetls`. */
  readonly tls?: unknown;
  readonly keepalive?: unknown;
  readonly protocolVersion?: unknown;
  readonly [other: string]: unknown;
}

/** What our own broker takes over from it. Never its password, nor its client id: two with one id throw each other out. */
export interface CopiedBroker {
  /** Null where `variable` is not. */
  readonly url: string | null;
  /** Id of a `tls-config` node, or `''`. */
  readonly tls: string;
  readonly keepalive: string;
  readonly protocolVersion: 'auto' | '5';
  /** The `${VAR}` that host or port are: Node-RED replaces whole properties alone, so no URL can be made with it. */
  readonly variable: string | null;
  /** That node accepts any certificate; ours checks it. */
  readonly isChecked: boolean;
}

/** How Node-RED's node also lets people write the protocol. */
const OTHER_WORDS: Readonly<Record<string, string>> = { tcp: 'mqtt', tls: 'mqtts', ssl: 'mqtts' };
/** Where it connects to when its port is empty, with TLS too. */
const PORT = '1883';

/** Maps Node-RED's own broker node to ours. */
export function copiedBroker(core: CoreBroker): CopiedBroker {
  const host = textOf(core.broker);
  const port = textOf(core.port);
  const usesTls = core.usetls === true || core.usetls === 'true';
  const tls = usesTls ? textOf(core.tls) : '';
  const isUrl = host.includes('://');
  const variable = isUrl ? null : ([host, port].find(isVariable) ?? null);
  const url = isUrl ? ownUrl(host) : variable === null ? built(host, port, usesTls) : null;
  const isSecure = ['mqtts', 'wss'].includes(schemeOf(url ?? '') ?? '');
  return {
    url,
    tls,
    keepalive: keepalive(core.keepalive),
    // 3.1.1 is what Node-RED presets, so it says nothing of what the broker can do.
    protocolVersion: textOf(core.protocolVersion) === '5' ? '5' : 'auto',
    variable,
    isChecked: isSecure && tls === '' && core['verifyservercert'] !== true && core['verifyservercert'] !== 'true',
  };
}

/** A URL in words that ours knows, without the account somebody may have put into it. */
function ownUrl(url: string): string {
  return url
    .replace(/^[a-z]+(?=:\/\/)/i, (word) => OTHER_WORDS[word.toLowerCase()] ?? word.toLowerCase())
    .replace(/^([a-z]+:\/\/)[^/]*@/, '$1');
}

function built(host: string, port: string, usesTls: boolean): string {
  const name = host === '' ? 'localhost' : isIpv6(host) ? `[${host}]` : host;
  return `${usesTls ? 'mqtts' : 'mqtt'}://${name}:${port === '' ? PORT : port}`;
}

/** Seconds in our range; 0, which switches the keep-alive off there, and nonsense become the default. */
function keepalive(value: unknown): string {
  const { default: preset, min, max } = BROKER_NUMBERS.keepalive;
  const text = textOf(value);
  if (isVariable(text)) return text;
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds <= 0) return String(preset);
  return inRange({ min, max })(text) === null ? text : String(Math.min(Math.max(seconds, min), max));
}
