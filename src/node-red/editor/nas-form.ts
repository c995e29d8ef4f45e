import { ACCESS_LEVELS } from '../../active-backup/catalogue';
import { find, show } from './elements';
import { flagCheckbox } from './flag-checkbox';
import { NAS_NUMBERS } from './nas-numbers';
import { saveNumbers, showNumbers } from './number-fields';
import { isUrl } from './problems';
import { shared } from './texts';
import { fillSelect } from './word-select';

/** Where DSM listens unless an administrator changed it. */
const DSM_PORTS = { https: '5001', http: '5000' } as const;

/** What the dialog reads of a NAS node, and writes back: properties Node-RED cannot read by itself. */
interface NasFields {
  https?: unknown;
  verifyCertificate?: unknown;
  access?: unknown;
  readonly credentials?: EditorCredentials;
}

/** Brings the dialog of a NAS to life. @returns stores what Node-RED does not store by itself */
export function openNasForm(node: NasFields): () => void {
  settleCredentials(node.credentials ?? {});
  const https = find('#active-backup-nas-https', HTMLInputElement);
  const verify = find('#active-backup-nas-verify', HTMLInputElement);
  const access = find('#active-backup-nas-access', HTMLSelectElement);
  const readHttps = flagCheckbox(https, node.https, true);
  const readVerify = flagCheckbox(verify, node.verifyCertificate, true);
  fillSelect(access, ACCESS_LEVELS, {
    saved: node.access,
    preset: 'operate',
    label: (level) => shared(`access.${level}.label`),
  });
  showNumbers(NAS_NUMBERS);
  explainAccess(access);
  portFollowsProtocol(https);
  explainConnection(https, verify);
  return () => {
    saveNumbers(node, NAS_NUMBERS);
    node.https = readHttps();
    node.verifyCertificate = readVerify();
    node.access = access.value;
  };
}

/** Credentials that were never stored are empty ones: else closing the dialog would count as entering nothing. */
function settleCredentials(credentials: EditorCredentials): void {
  credentials['username'] ??= '';
  for (const name of ['password', 'deviceId']) if (!credentials[name]) credentials[`has_${name}`] ??= false;
}

/** What the chosen level allows; in the colour of danger where it allows to destroy backups. */
function explainAccess(access: HTMLSelectElement): void {
  const place = find('#active-backup-nas-access-explanation', HTMLElement);
  const explain = (): void => {
    const isKnown = (ACCESS_LEVELS as readonly string[]).includes(access.value);
    place.textContent = isKnown ? shared(`access.${access.value}.explain`) : '';
    for (const part of [access, place]) part.classList.toggle('active-backup-danger', access.value === 'delete');
  };
  access.addEventListener('change', explain);
  explain();
}

/** The port is DSM's usual one for the protocol, until a person has another. */
function portFollowsProtocol(https: HTMLInputElement): void {
  const port = find('#node-config-input-port', HTMLInputElement);
  let isTouched = port.value !== (https.checked ? DSM_PORTS.https : DSM_PORTS.http);
  port.addEventListener('input', () => {
    isTouched = port.value.trim() !== '';
  });
  https.addEventListener('change', () => {
    if (isTouched) return;
    port.value = https.checked ? DSM_PORTS.https : DSM_PORTS.http;
    $(port).trigger('change');
  });
}

/** A full URL wins over port and protocol; without HTTPS there is no certificate; without a check anybody may answer. */
function explainConnection(https: HTMLInputElement, verify: HTMLInputElement): void {
  const host = find('#node-config-input-host', HTMLInputElement);
  const port = find('#node-config-input-port', HTMLInputElement);
  const fingerprint = find('#node-config-input-fingerprint', HTMLInputElement);
  const explain = (): void => {
    const hasUrl = isUrl(host.value);
    const isPlain = hasUrl ? /^\s*http:/i.test(host.value) : !https.checked && !https.indeterminate;
    port.disabled = https.disabled = hasUrl;
    show(find('#active-backup-nas-url-wins', HTMLElement), hasUrl);
    show(find('#active-backup-nas-plain', HTMLElement), isPlain);
    show(find('#active-backup-nas-certificate', HTMLElement), !isPlain);
    const isPinned = fingerprint.value.trim() !== '';
    show(find('#active-backup-nas-unverified', HTMLElement), !verify.checked && !verify.indeterminate && !isPinned);
    show(find('#active-backup-nas-pinned', HTMLElement), isPinned);
  };
  for (const input of [host, https, verify, fingerprint]) {
    for (const event of ['input', 'change']) input.addEventListener(event, explain);
  }
  explain();
}
