import { ACCESS_LEVELS } from '../../active-backup/methods';
import { DEFAULT_ACCESS, isUrl, NAS_NUMBERS } from '../../settings/nas-settings';
import { query, setVisible, normalizeCredentials } from '../form/dom';
import { checkboxField, fillSelect, saveNumbers, showNumbers } from '../form/fields';
import { shared } from '../form/texts';
import { openCertificateSection } from './certificate';
import { openConnectionTest } from './connection-test';
import { openDiagnostics } from './diagnostics';
import { nasDialog, type NasDialog } from './nas-dialog';
import { needsPassword } from './nas-values';

/** DSM's default ports. */
const DSM_PORTS = { https: '5001', http: '5000' } as const;

/** Properties of a NAS node that Node-RED cannot read by itself. */
interface NasFields {
  readonly id: string;
  https?: unknown;
  verifyCertificate?: unknown;
  access?: unknown;
  readonly credentials?: EditorCredentials;
}

/** The open dialog. */
export interface NasForm {
  /** Stores the properties that Node-RED does not store by itself. */
  save(): void;
  /** Aborts requests, and clears the panels. */
  close(): void;
}

/** Starts the dialog of a NAS. */
export function openNasForm(node: NasFields): NasForm {
  normalizeCredentials(node.credentials, ['password', 'deviceId']);
  const https = query('#active-backup-nas-https', HTMLInputElement);
  const verify = query('#active-backup-nas-verify', HTMLInputElement);
  const access = query('#active-backup-nas-access', HTMLSelectElement);
  const readHttps = checkboxField(https, node.https, true);
  const readVerify = checkboxField(verify, node.verifyCertificate, true);
  fillSelect(access, ACCESS_LEVELS, {
    saved: node.access,
    preset: DEFAULT_ACCESS,
    label: (level) => shared(`access.${level}.label`),
    isDangerous: (level) => level === 'delete',
  });
  showNumbers(NAS_NUMBERS, 'node-config-input');
  explainAccess(access);
  linkPortToProtocol(https);
  explainConnection(https, verify);
  const dialog = nasDialog(node.id, () => ({ https: readHttps(), verifyCertificate: readVerify() }));
  requirePasswordForNewAddress(dialog);
  const sections = [openConnectionTest(dialog), openCertificateSection(dialog), openDiagnostics(node.id)];
  return {
    save() {
      saveNumbers(node, NAS_NUMBERS, 'node-config-input');
      node.https = readHttps();
      node.verifyCertificate = readVerify();
      node.access = access.value;
    },
    close() {
      for (const close of sections) close();
    },
  };
}

/** A stored password is only sent to its own address: after a change of the address, the user must enter it again. */
function requirePasswordForNewAddress(dialog: NasDialog): void {
  const hint = query('#active-backup-nas-password-again', HTMLElement);
  dialog.onChange(() => setVisible(hint, needsPassword(dialog.values(), dialog.openedAddress)));
}

/** Explains the chosen access level, in the colour of danger if it allows to delete backups. */
function explainAccess(access: HTMLSelectElement): void {
  const explanation = query('#active-backup-nas-access-explanation', HTMLElement);
  const update = (): void => {
    const level = ACCESS_LEVELS.find((known) => known === access.value);
    explanation.textContent = level === undefined ? '' : shared(`access.${level}.explain`);
    for (const part of [access, explanation]) part.classList.toggle('active-backup-danger', level === 'delete');
  };
  access.addEventListener('change', update);
  update();
}

/** Sets DSM's default port for the protocol until the user enters another port. */
function linkPortToProtocol(https: HTMLInputElement): void {
  const port = query('#node-config-input-port', HTMLInputElement);
  const defaultPort = (): string => (https.checked ? DSM_PORTS.https : DSM_PORTS.http);
  let isCustom = port.value !== defaultPort();
  port.addEventListener('input', () => {
    isCustom = port.value.trim() !== '';
  });
  https.addEventListener('change', () => {
    if (isCustom) return;
    port.value = defaultPort();
    $(port).trigger('change');
  });
}

/** Shows the hints that fit host, protocol and certificate check. A full URL wins over port and protocol. */
function explainConnection(https: HTMLInputElement, verify: HTMLInputElement): void {
  const host = query('#node-config-input-host', HTMLInputElement);
  const port = query('#node-config-input-port', HTMLInputElement);
  const fingerprint = query('#node-config-input-fingerprint', HTMLInputElement);
  const show = (id: string, isVisible: boolean): void =>
    setVisible(query(`#active-backup-nas-${id}`, HTMLElement), isVisible);
  const update = (): void => {
    const hasUrl = isUrl(host.value);
    const isPlain = hasUrl ? /^\s*http:/i.test(host.value) : !https.checked && !https.indeterminate;
    const isPinned = fingerprint.value.trim() !== '';
    port.disabled = https.disabled = hasUrl;
    show('url-wins', hasUrl);
    show('plain', isPlain);
    show('certificate', !isPlain);
    show('unverified', !verify.checked && !verify.indeterminate && !isPinned);
    show('pinned', isPinned);
  };
  for (const input of [host, https, verify, fingerprint]) {
    for (const event of ['input', 'change']) input.addEventListener(event, update);
  }
  update();
}
