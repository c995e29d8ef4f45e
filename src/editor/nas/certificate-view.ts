import { ask } from '../http/admin-client';
import { button } from '../form/buttons';
import { certificateStatus, type CertificateVerdict } from './certificate-status';
import { createElement } from '../form/dom';
import type { ShownCertificate } from './nas-answers';
import type { NasDialog } from './nas-dialog';
import { addressProblems } from './nas-values';
import {
  definitionList,
  headline,
  line,
  showFieldErrors,
  showError,
  type Panel,
  type Severity,
} from '../form/result-panel';
import { dateText, shared } from '../form/texts';

/**
 * Reads the certificate of the address in the form. What keeps it from being read is said in the panel.
 * @returns null when there is none to show
 */
export async function readCertificate(
  panel: Panel,
  dialog: NasDialog,
  signal: AbortSignal,
): Promise<ShownCertificate | null> {
  const values = dialog.values();
  const problems = addressProblems(values);
  if (problems.length > 0) {
    showFieldErrors(panel, problems);
    return null;
  }
  panel.wait(shared('nas.certificate.asking'));
  // No secret is needed for a look.
  const { credentials: _, ...address } = values;
  const answer = await ask<ShownCertificate>('certificate', address, signal);
  if (answer?.ok === true) return answer.result;
  if (answer !== null) showError(panel, answer.error);
  return null;
}

/**
 * Shows a certificate, what is to be said of it, and the button that pins it unless it is the pinned one.
 * @param pinned the text of the fingerprint field
 */
export function renderCertificate(
  panel: Panel,
  certificate: ShownCertificate,
  pinned: string,
  { label, onPin }: { label: string; onPin: () => void },
): void {
  const verdict = certificateStatus(certificate, pinned, new Date());
  const warnings = warningsOf(certificate, verdict);
  const isPinned = verdict.pin === 'this';
  const tone: Severity = warnings.length > 0 ? 'warning' : isPinned ? 'good' : 'plain';
  panel.say(
    tone,
    [
      headline(tone, shared(isPinned ? 'nas.certificate.pinned' : 'nas.certificate.seen')),
      ...warnings.map((text) => line(text, 'warning')),
      rowsOf(certificate),
      ...(isPinned ? [] : [line(shared('nas.certificate.compare'), 'hint')]),
    ],
    isPinned ? [] : [button('fa-thumb-tack', label, onPin)],
  );
}

function warningsOf({ validFrom, validTo }: ShownCertificate, { validity, pin }: CertificateVerdict): string[] {
  const ofValidity = {
    expired: [shared('nas.certificate.expired', { date: dateOf(validTo) })],
    'not-yet-valid': [shared('nas.certificate.notYet', { date: dateOf(validFrom) })],
    unreadable: [shared('nas.certificate.unreadable')],
    valid: [],
  };
  return [...(pin === 'other' ? [shared('nas.certificate.other')] : []), ...ofValidity[validity]];
}

function rowsOf({ subject, issuer, selfSigned, validFrom, validTo, fingerprint }: ShownCertificate): HTMLElement {
  const nobody = shared('nas.certificate.nobody');
  const signed = shared(selfSigned ? 'nas.certificate.selfSigned' : 'nas.certificate.notSelfSigned');
  return definitionList([
    [shared('nas.certificate.subject'), subject || nobody],
    [shared('nas.certificate.issuer'), `${issuer || nobody} (${signed})`],
    [
      shared('nas.certificate.validity'),
      shared('nas.certificate.span', { from: dateOf(validFrom), to: dateOf(validTo) }),
    ],
    ['SHA-256', breakable(fingerprint)],
  ]);
}

function dateOf(date: string | null): string {
  return date === null ? shared('nas.certificate.noDate') : dateText(date);
}

/** A fingerprint that breaks between pairs of digits when it has to. */
function breakable(fingerprint: string): HTMLElement {
  const [first = '', ...rest] = fingerprint.split(':');
  return createElement('code', {}, first, ...rest.flatMap((pair) => [':', createElement('wbr'), pair]));
}
