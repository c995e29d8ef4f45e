import { createButton, createElement, hasNoFocus, query, setVisible, whileDisabled } from '../form/dom';
import { definitionList, headline, line, openPanel, type Panel } from '../form/result-panel';
import { shared, createValidationMessage } from '../form/texts';
import {
  createLatestRequest,
  requestAdmin,
  type LatestRequest,
  remedyFor,
  type AdminFailure,
} from '../http/admin-client';
import { fetchCertificate, renderCertificate } from './certificate';
import type { NasDialog } from './nas-dialog';
import { showError, showFieldErrors } from './nas-errors';
import { formProblems, requestValues, type ConnectionInfo } from './nas-values';

/** Starts the button "Test connection". @returns closes the panel with the result */
export function openConnectionTest(dialog: NasDialog): () => void {
  const test = new ConnectionTestPanel(dialog);
  return () => test.clear();
}

/** The test, and the steps that a failed test offers: pair with a one-time code, or read and pin the certificate. */
class ConnectionTestPanel {
  readonly #dialog: NasDialog;
  readonly #button: HTMLButtonElement = query('#active-backup-nas-test', HTMLButtonElement);
  readonly #panel: Panel = openPanel(query('#active-backup-nas-test-panel', HTMLElement));
  readonly #request: LatestRequest = createLatestRequest();

  constructor(dialog: NasDialog) {
    this.#dialog = dialog;
    dialog.onChange(() => this.clear());
    this.#button.addEventListener('click', () => void this.#test());
  }

  /** Aborts the request and empties the panel. */
  clear(): void {
    this.#request.abort();
    this.#panel.clear();
  }

  /** @param context lines to show with the result, about previous steps */
  #test(...context: Node[]): Promise<void> {
    return whileDisabled(this.#button, async () => {
      const values = this.#dialog.values();
      const problems = formProblems(values, this.#dialog.openedAddress);
      if (problems.length > 0) {
        this.#request.abort();
        showFieldErrors(this.#panel, problems);
        return;
      }
      const signal = this.#request.begin();
      this.#panel.showBusy(shared('nas.test.asking'));
      const body = requestValues(values, this.#dialog.openedAddress);
      const response = await requestAdmin<ConnectionInfo>('nas/test', { body, signal });
      if (signal.aborted) return;
      if (response.ok) this.#panel.show('good', [...connectionLines(response.result), ...context]);
      else this.#showFailure(response.error, context);
    });
  }

  /** Makes Node-RED a trusted device of the account, so that it needs no code again. */
  async #pair(code: string): Promise<void> {
    const body = { ...requestValues(this.#dialog.values(), this.#dialog.openedAddress), code };
    const signal = this.#request.begin();
    this.#panel.showBusy(shared('nas.pairing.asking'));
    const response = await requestAdmin<{ deviceId: string }>('nas/pair', { body, signal });
    if (signal.aborted) return;
    if (!response.ok) {
      this.#showFailure(response.error);
      return;
    }
    this.#dialog.fill('deviceId', response.result.deviceId);
    await this.#test(line(shared('nas.pairing.paired')));
  }

  async #showCertificate(): Promise<void> {
    const certificate = await fetchCertificate(this.#panel, this.#dialog, this.#request.begin());
    if (certificate === null) return;
    const onPin = (): void => {
      this.#dialog.fill('fingerprint', certificate.fingerprint);
      void this.#test();
    };
    const label = shared('nas.certificate.pinAndTest');
    renderCertificate(this.#panel, certificate, this.#dialog.values().fingerprint, { label, onPin });
  }

  #showFailure(failure: AdminFailure, context: readonly Node[] = []): void {
    const remedy = remedyFor(failure);
    const controls =
      remedy === null ? [] : [remedy === 'code' ? otpRow((code) => this.#pair(code)) : this.#certificateButton()];
    showError(this.#panel, failure, { context, controls });
    if (hasNoFocus() || document.activeElement === this.#button) controls[0]?.querySelector('input')?.focus();
  }

  #certificateButton(): HTMLElement {
    const button = createButton('fa-certificate', shared('nas.certificate.read'), () => {
      void whileDisabled(button, () => this.#showCertificate());
    });
    return button;
  }
}

function connectionLines(info: ConnectionInfo): HTMLElement[] {
  const { model, dsmVersion, activeBackupVersion, taskCount, rights, roundTripMs } = info;
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

/**
 * The row for the code of an authenticator app. The code is removed from the row when it is used, and kept nowhere.
 * @param onCode called with the digits
 */
function otpRow(onCode: (code: string) => Promise<void>): HTMLElement {
  const input = createElement('input', {
    type: 'text',
    id: 'active-backup-nas-code',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    maxlength: '10',
    'aria-describedby': 'active-backup-nas-code-problem',
  });
  const message = createValidationMessage(input.id);
  const showValidity = (isValid: boolean): void => {
    message.textContent = isValid ? '' : shared('nas.pairing.digits');
    setVisible(message, !isValid);
    input.classList.toggle('input-error', !isValid);
    input.setAttribute('aria-invalid', String(!isValid));
  };
  const submit = (): void => {
    const code = input.value.replace(/\s/g, '');
    const isValid = /^\d{6,8}$/.test(code);
    showValidity(isValid);
    if (!isValid) {
      input.focus();
      return;
    }
    input.value = '';
    void whileDisabled(pairButton, () => onCode(code));
  };
  const pairButton = createButton('fa-key', shared('nas.pairing.pair'), submit);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!pairButton.disabled) submit();
  });
  showValidity(true);
  const label = createElement('label', { for: input.id }, shared('nas.pairing.code'));
  return createElement('div', { class: 'active-backup-code' }, label, input, pairButton, message);
}
