import { createButton, createElement, query, setVisible, whileDisabled } from '../form/dom';
import { breakable, definitionList, headline, line, openPanel, type Panel, type Severity } from '../form/result-panel';
import { dateText, shared } from '../form/texts';
import { createLatestRequest, requestAdmin } from '../http/admin-client';
import { certificateStatus, type CertificateInfo, type CertificateStatus } from './certificate-status';
import type { NasDialog } from './nas-dialog';
import { showError, showFieldErrors } from './nas-errors';
import { addressOf, addressProblems } from './nas-values';

/** Starts the certificate section: read the certificate, pin it, remove the pin. @returns closes the section */
export function openCertificateSection(dialog: NasDialog): () => void {
  const panel = openPanel(query('#active-backup-nas-certificate-panel', HTMLElement));
  const request = createLatestRequest();
  const readButton = query('#active-backup-nas-read-certificate', HTMLButtonElement);
  const unpinButton = query('#active-backup-nas-unpin', HTMLButtonElement);
  const fingerprint = query('#node-config-input-fingerprint', HTMLInputElement);
  /** The certificate in the panel, if any. */
  let shown: CertificateInfo | null = null;
  let [address, pinned] = [dialog.openedAddress, fingerprint.value];

  const pin = (text: string): void => {
    dialog.fill('fingerprint', text);
    fingerprint.focus();
  };
  const update = (): void => {
    setVisible(unpinButton, pinned.trim() !== '');
    if (shown === null) return;
    const label = shared('nas.certificate.pin');
    renderCertificate(panel, shown, pinned, { label, onPin: pin.bind(null, shown.fingerprint) });
  };
  const clear = (): void => {
    request.abort();
    shown = null;
    panel.clear();
  };
  const read = async (): Promise<void> => {
    shown = await fetchCertificate(panel, dialog, request.begin());
    update();
  };
  dialog.onChange(() => {
    const before = { address, pinned };
    [address, pinned] = [addressOf(dialog.values()), fingerprint.value];
    if (address !== before.address) clear();
    if (pinned !== before.pinned) update(); // only then: screen readers read a rendered panel out
  });
  readButton.addEventListener('click', () => void whileDisabled(readButton, read));
  unpinButton.addEventListener('click', () => pin(''));
  update();
  return clear;
}

/**
 * Fetches the certificate of the address in the form, and shows in the panel why it could not.
 * @returns null if there is no certificate to show
 */
export async function fetchCertificate(
  panel: Panel,
  dialog: NasDialog,
  signal: AbortSignal,
): Promise<CertificateInfo | null> {
  const values = dialog.values();
  const problems = addressProblems(values);
  if (problems.length > 0) {
    showFieldErrors(panel, problems);
    return null;
  }
  panel.showBusy(shared('nas.certificate.asking'));
  // The certificate is read without a login, so no secret is sent.
  const { credentials: _, ...body } = values;
  const response = await requestAdmin<CertificateInfo>('nas/certificate', { body, signal });
  if (signal.aborted) return null;
  if (response.ok) return response.result;
  showError(panel, response.error);
  return null;
}

/**
 * Shows a certificate with its warnings, and a button to pin it unless it is the pinned one.
 * @param pinned the text of the fingerprint field
 */
export function renderCertificate(
  panel: Panel,
  certificate: CertificateInfo,
  pinned: string,
  { label, onPin }: { label: string; onPin: () => void },
): void {
  const status = certificateStatus(certificate, pinned, new Date());
  const warnings = warningsFor(certificate, status);
  const isPinned = status.pin === 'this';
  const severity: Severity = warnings.length > 0 ? 'warning' : isPinned ? 'good' : 'plain';
  panel.show(
    severity,
    [
      headline(severity, shared(isPinned ? 'nas.certificate.pinned' : 'nas.certificate.seen')),
      ...warnings.map((text) => line(text, 'warning')),
      certificateRows(certificate),
      ...(isPinned ? [] : [line(shared('nas.certificate.compare'), 'hint')]),
    ],
    isPinned ? [] : [createButton('fa-thumb-tack', label, onPin)],
  );
}

function warningsFor({ validFrom, validTo }: CertificateInfo, { validity, pin }: CertificateStatus): string[] {
  const byValidity = {
    expired: [shared('nas.certificate.expired', { date: dateOr(validTo) })],
    'not-yet-valid': [shared('nas.certificate.notYet', { date: dateOr(validFrom) })],
    unreadable: [shared('nas.certificate.unreadable')],
    valid: [],
  };
  return [...(pin === 'other' ? [shared('nas.certificate.other')] : []), ...byValidity[validity]];
}

function certificateRows({
  subject,
  issuer,
  selfSigned,
  validFrom,
  validTo,
  fingerprint,
}: CertificateInfo): HTMLElement {
  const noName = shared('nas.certificate.nobody');
  const signature = shared(selfSigned ? 'nas.certificate.selfSigned' : 'nas.certificate.notSelfSigned');
  return definitionList([
    [shared('nas.certificate.subject'), subject || noName],
    [shared('nas.certificate.issuer'), `${issuer || noName} (${signature})`],
    [
      shared('nas.certificate.validity'),
      shared('nas.certificate.span', { from: dateOr(validFrom), to: dateOr(validTo) }),
    ],
    ['SHA-256', createElement('code', {}, ...breakable(fingerprint, ':'))],
  ]);
}

function dateOr(date: string | null): string {
  return date === null ? shared('nas.certificate.noDate') : dateText(date);
}
