import { ask, openTurn } from './ask';
import { button, hasNoFocus, whileDisabled } from './buttons';
import { readCertificate, sayCertificate } from './certificate-card';
import { find } from './elements';
import type { Paired, ShownConnection } from './nas-answers';
import type { NasDialog } from './nas-dialog';
import { formProblems, questionValues } from './nas-values';
import { codeRow } from './pairing';
import { facts, headline, line, openPanel, sayProblems, sayTrouble } from './panel';
import { shared } from './texts';
import { remedyFor, type Remedy, type Trouble } from './trouble';

/** Brings the button "Test connection" to life, with all that may follow from a test. @returns closes it */
export function openConnectionTest(dialog: NasDialog): () => void {
  const testButton = find('#active-backup-nas-test', HTMLButtonElement);
  const panel = openPanel(find('#active-backup-nas-test-panel', HTMLElement));
  const turn = openTurn();
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
        sayProblems(panel, problems);
        return;
      }
      const signal = turn.begin();
      panel.wait(shared('nas.test.asking'));
      const answer = await ask<ShownConnection>('test', questionValues(values, dialog.openedAddress), signal);
      if (answer?.ok === true) panel.say('good', [...connectionLines(answer.result), ...news]);
      else if (answer !== null) fail(answer.error, news);
    });

  const pair = async (code: string): Promise<void> => {
    const values = questionValues(dialog.values(), dialog.openedAddress);
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
    sayCertificate(panel, certificate, dialog.values().fingerprint, { label, onPin });
  };

  const offer: Readonly<Record<Remedy, () => HTMLElement>> = {
    code: () => codeRow(pair),
    certificate() {
      const read = button('fa-certificate', shared('nas.certificate.read'), () => {
        void whileDisabled(read, showCertificate);
      });
      return read;
    },
  };
  const fail = (trouble: Trouble, news: readonly Node[] = []): void => {
    const remedy = remedyFor(trouble);
    const controls = remedy === null ? [] : [offer[remedy]()];
    sayTrouble(panel, trouble, { news, controls });
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
  return [headline('good', shared('nas.test.connected')), facts(known)];
}
