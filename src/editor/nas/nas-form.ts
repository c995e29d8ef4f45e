import { ACCESS_LEVELS } from '../../active-backup/methods';
import { openConnectionTest } from './connection-test';
import { normalizeCredentials } from '../form/credentials';
import { query, setVisible } from '../form/dom';
import { checkboxField } from '../form/checkbox-field';
import { openCertificateSection } from './certificate-section';
import { nasDialog, type NasDialog } from './nas-dialog';
import { NAS_NUMBERS } from './nas-numbers';
import { needsPassword } from './nas-values';
import { saveNumbers, showNumbers } from '../form/number-fields';
import { isUrl } from './problems';
import { shared } from '../form/texts';
import { fillSelect } from '../form/select-field';

/** Where DSM listens unless an administrator changed it. */
const DSM_PORTS = { https: '5001', http: '5000' } as const;

/** What the dialog reads of a NAS node, and writes back: properties Node-RED cannot read by itself. */
interface NasFields {
  readonly id: string;
  https?: unknown;
  verifyCertificate?: unknown;
  access?: unknown;
  readonly credentials?: EditorCredentials;
}

/** The open dialog. */
export interface NasForm {
  /** Stores what Node-RED does not store by itself. */
  save(): void;
  /** Gives up what is under way, and forgets what was not to be stored. */
  close(): void;
}

/** Brings the dialog of a NAS to life. */
export function openNasForm(node: NasFields): NasForm {
  normalizeCredentials(node.credentials, ['password', 'deviceId']);
  const https = query('#active-backup-nas-https', HTMLInputElement);
  const verify = query('#active-backup-nas-verify', HTMLInputElement);
  const access = query('#active-backup-nas-access', HTMLSelectElement);
  const readHttps = checkboxField(https, node.https, true);
  const readVerify = checkboxField(verify, node.verifyCertificate, true);
  fillSelect(access, ACCESS_LEVELS, {
    saved: node.access,
    preset: 'operate',
    label: (level) => shared(`access.${level}.label`),
    isDangerous: (level) => level === 'delete',
  });
  showNumbers(NAS_NUMBERS, 'node-config-input');
  explainAccess(access);
  portFollowsProtocol(https);
  explainConnection(https, verify);
  const dialog = nasDialog(node.id, () => ({ https: readHttps(), verifyCertificate: readVerify() }));
  askForPasswordElsewhere(dialog);
  const closings = [openConnectionTest(dialog), openCertificateSection(dialog)];
  return {
    save() {
      saveNumbers(node, NAS_NUMBERS, 'node-config-input');
      node.https = readHttps();
      node.verifyCertificate = readVerify();
      node.access = access.value;
    },
    close() {
      for (const close of closings) close();
    },
  };
}

/** A stored password is sent to no other address: whoever changes the address enters it again before it can be tried. */
function askForPasswordElsewhere(dialog: NasDialog): void {
  const hint = query('#active-backup-nas-password-again', HTMLElement);
  dialog.onChange(() => setVisible(hint, needsPassword(dialog.values(), dialog.openedAddress)));
}

/** What the chosen level allows; in the colour of danger where it allows to destroy backups. */
function explainAccess(access: HTMLSelectElement): void {
  const place = query('#active-backup-nas-access-explanation', HTMLElement);
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
  const port = query('#node-config-input-port', HTMLInputElement);
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
  const host = query('#node-config-input-host', HTMLInputElement);
  const port = query('#node-config-input-port', HTMLInputElement);
  const fingerprint = query('#node-config-input-fingerprint', HTMLInputElement);
  const explain = (): void => {
    const hasUrl = isUrl(host.value);
    const isPlain = hasUrl ? /^\s*http:/i.test(host.value) : !https.checked && !https.indeterminate;
    port.disabled = https.disabled = hasUrl;
    setVisible(query('#active-backup-nas-url-wins', HTMLElement), hasUrl);
    setVisible(query('#active-backup-nas-plain', HTMLElement), isPlain);
    setVisible(query('#active-backup-nas-certificate', HTMLElement), !isPlain);
    const isPinned = fingerprint.value.trim() !== '';
    setVisible(
      query('#active-backup-nas-unverified', HTMLElement),
      !verify.checked && !verify.indeterminate && !isPinned,
    );
    setVisible(query('#active-backup-nas-pinned', HTMLElement), isPinned);
  };
  for (const input of [host, https, verify, fingerprint]) {
    for (const event of ['input', 'change']) input.addEventListener(event, explain);
  }
  explain();
}
