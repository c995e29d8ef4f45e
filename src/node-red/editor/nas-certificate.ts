import { openTurn } from './ask';
import { whileDisabled } from './buttons';
import { readCertificate, sayCertificate } from './certificate-card';
import { find, show } from './elements';
import type { ShownCertificate } from './nas-answers';
import type { NasDialog } from './nas-dialog';
import { addressOf } from './nas-values';
import { openPanel } from './panel';
import { shared } from './texts';

/** Brings the buttons of the certificate section to life: read it, pin it, remove the pin. @returns closes it */
export function openCertificateSection(dialog: NasDialog): () => void {
  const panel = openPanel(find('#active-backup-nas-certificate-panel', HTMLElement));
  const readButton = find('#active-backup-nas-read-certificate', HTMLButtonElement);
  const unpinButton = find('#active-backup-nas-unpin', HTMLButtonElement);
  const fingerprint = find('#node-config-input-fingerprint', HTMLInputElement);
  const turn = openTurn();
  /** What the panel shows; null: nothing, or why there is none. */
  let seen: ShownCertificate | null = null;
  let address = dialog.openedAddress;
  let pinned = fingerprint.value;

  const pin = (text: string): void => {
    dialog.fill('fingerprint', text);
    fingerprint.focus();
  };
  const showPin = (): void => {
    show(unpinButton, pinned.trim() !== '');
    if (seen === null) return;
    const { fingerprint: shown } = seen;
    sayCertificate(panel, seen, pinned, { label: shared('nas.certificate.pin'), onPin: () => pin(shown) });
  };
  const forget = (): void => {
    turn.giveUp();
    seen = null;
    panel.clear();
  };
  const read = async (): Promise<void> => {
    seen = await readCertificate(panel, dialog, turn.begin());
    showPin();
  };

  dialog.onChange(() => {
    const before = { address, pinned };
    address = addressOf(dialog.values());
    pinned = fingerprint.value;
    if (address !== before.address) forget();
    // Only then: whatever is said is read out.
    if (pinned !== before.pinned) showPin();
  });
  readButton.addEventListener('click', () => void whileDisabled(readButton, read));
  unpinButton.addEventListener('click', () => pin(''));
  showPin();
  return forget;
}
