import { ask, createLatestRequest } from '../http/admin-client';
import { button, hasNoFocus, whileDisabled } from '../form/buttons';
import { readCertificate, renderCertificate } from './certificate-view';
import { query } from '../form/dom';
import type { Paired, ShownConnection } from './nas-answers';
import type { NasDialog } from './nas-dialog';
import { formProblems, requestValues } from './nas-values';
import { otpRow } from './pairing';
import { definitionList, headline, line, openPanel, showFieldErrors, showError } from '../form/result-panel';
import { shared } from '../form/texts';
import { remedyFor, type Remedy, type AdminError } from '../http/error-help';

/** Brings the button "Test connection" to life, with all that may follow from a test. @returns closes it */
export function openConnectionTest(dialog: NasDialog): () => void {
  const testButton = query('#active-backup-nas-test', HTMLButtonElement);
  const panel = openPanel(query('#active-backup-nas-test-panel', HTMLElement));
  const turn = createLatestRequest();
  const forget = (): void => {
    turn.giveUp();
    panel.clear();
  };

  /** @param news what happened before, for the answer to say too */
  const test = (...news: Node[]): Promise<void> =>
    whileDisabled(testButton, async () => {
      const values = dialog.values();
      const problems = formProblems(values, dialog.openedAddress);
      if (problems.length > 0) {
        turn.giveUp();
        showFieldErrors(panel, problems);
        return;
      }
      const signal = turn.begin();
      panel.wait(shared('nas.test.asking'));
      const answer = await ask<ShownConnection>('test', requestValues(values, dialog.openedAddress), signal);
      if (answer?.ok === true) panel.say('good', [...connectionLines(answer.result), ...news]);
      else if (answer !== null) fail(answer.error, news);
    });

  const pair = async (code: string): Promise<void> => {
    const values = requestValues(dialog.values(), dialog.openedAddress);
    const signal = turn.begin();
    panel.wait(shared('nas.pairing.asking'));
    const answer = await ask<Paired>('pair', { ...values, code }, signal);
    if (answer === null) return;
    if (!answer.ok) {
      fail(answer.error);
      return;
    }
    dialog.fill('deviceId', answer.result.deviceId);
    await test(line(shared('nas.pairing.paired')));
  };

  const showCertificate = async (): Promise<void> => {
    const certificate = await readCertificate(panel, dialog, turn.begin());
    if (certificate === null) return;
    const onPin = (): void => {
      dialog.fill('fingerprint', certificate.fingerprint);
      void test();
    };
    const label = shared('nas.certificate.pinAndTest');
    renderCertificate(panel, certificate, dialog.values().fingerprint, { label, onPin });
  };

  const offer: Readonly<Record<Remedy, () => HTMLElement>> = {
    code: () => otpRow(pair),
    certificate() {
      const read = button('fa-certificate', shared('nas.certificate.read'), () => {
        void whileDisabled(read, showCertificate);
      });
      return read;
    },
  };
  const fail = (trouble: AdminError, news: readonly Node[] = []): void => {
    const remedy = remedyFor(trouble);
    const controls = remedy === null ? [] : [offer[remedy]()];
    showError(panel, trouble, { news, controls });
    if (hasNoFocus() || document.activeElement === testButton) controls[0]?.querySelector('input')?.focus();
  };

  dialog.onChange(forget);
  testButton.addEventListener('click', () => void test());
  return forget;
}

function connectionLines(found: ShownConnection): HTMLElement[] {
  const { model, dsmVersion, activeBackupVersion, taskCount, rights, roundTripMs } = found;
  const rows = [
    [shared('nas.test.model'), model],
    [shared('nas.test.system'), dsmVersion],
    [shared('nas.test.activeBackup'), activeBackupVersion],
    [shared('nas.test.tasks'), String(taskCount)],
    [shared('nas.test.rights'), shared(rights === 'administrator' ? 'nas.test.administrator' : 'nas.test.delegated')],
    [shared('nas.test.roundTrip'), `${roundTripMs} ms`],
  ] as const;
  const known = rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return [headline('good', shared('nas.test.connected')), definitionList(known)];
}
