import { button, whileDisabled } from '../form/buttons';
import { createElement, setVisible } from '../form/dom';
import { shared } from '../form/texts';

/**
 * Makes the row that takes the code of an authenticator app. The code is handed on and taken out of the row in the same
 * moment; it is kept nowhere.
 * @param onCode told the digits alone
 */
export function otpRow(onCode: (code: string) => Promise<void>): HTMLElement {
  const input = createElement('input', {
    type: 'text',
    id: 'active-backup-nas-code',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    maxlength: '10',
    'aria-describedby': 'active-backup-nas-code-problem',
  });
  const complaint = createElement('div', {
    class: 'active-backup-problem',
    id: 'active-backup-nas-code-problem',
    'aria-live': 'polite',
  });
  const complain = (isWrong: boolean): void => {
    complaint.textContent = isWrong ? shared('nas.pairing.digits') : '';
    setVisible(complaint, isWrong);
    input.classList.toggle('input-error', isWrong);
    input.setAttribute('aria-invalid', String(isWrong));
  };
  const handOn = (): void => {
    const code = input.value.replace(/\s/g, '');
    const isCode = /^\d{6,8}$/.test(code);
    complain(!isCode);
    if (!isCode) {
      input.focus();
      return;
    }
    input.value = '';
    void whileDisabled(pairButton, () => onCode(code));
  };
  const pairButton = button('fa-key', shared('nas.pairing.pair'), handOn);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!pairButton.disabled) handOn();
  });
  complain(false);
  const label = createElement('label', { for: input.id }, shared('nas.pairing.code'));
  return createElement('div', { class: 'active-backup-code' }, label, input, pairButton, complaint);
}
