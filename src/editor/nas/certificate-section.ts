import { createLatestRequest } from '../http/admin-client';
import { whileDisabled } from '../form/buttons';
import { readCertificate, renderCertificate } from './certificate-view';
import { query, setVisible } from '../form/dom';
import type { ShownCertificate } from './nas-answers';
import type { NasDialog } from './nas-dialog';
import { addressOf } from './nas-values';
import { openPanel } from '../form/result-panel';
import { shared } from '../form/texts';

/** Brings the buttons of the certificate section to life: read it, pin it, remove the pin. @returns closes it */
export function openCertificateSection(dialog: NasDialog): () => void {
  const panel = openPanel(query('#active-backup-nas-certificate-panel', HTMLElement));
  const readButton = query('#active-backup-nas-read-certificate', HTMLButtonElement);
  const unpinButton = query('#active-backup-nas-unpin', HTMLButtonElement);
  const fingerprint = query('#node-config-input-fingerprint', HTMLInputElement);
  const turn = createLatestRequest();
  /** What the panel shows; null: nothing, or why there is none. */
  let seen: ShownCertificate | null = null;
  let address = dialog.openedAddress;
  let pinned = fingerprint.value;

  const pin = (text: string): void => {
    dialog.fill('fingerprint', text);
    fingerprint.focus();
  };
  const showPin = (): void => {
    setVisible(unpinButton, pinned.trim() !== '');
    if (seen === null) return;
    const { fingerprint: shown } = seen;
    renderCertificate(panel, seen, pinned, { label: shared('nas.certificate.pin'), onPin: () => pin(shown) });
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
