import type { TypedValue } from '../../settings/operations';
import { createElement, setVisible } from '../form/dom';
import { createValidationMessage } from '../form/validation-message';
import { fieldText } from './typed-value';

/** The parts of the widget that take a value: a text field, or the button of a list of options. */
const VALUE_PARTS = '.red-ui-typedInput-input, .red-ui-typedInput-option-trigger';

/** One of Node-RED's typed inputs. */
export interface TypedField {
  read(): TypedValue;
  focus(): void;
  /** The text field, whatever the type. */
  readonly input: HTMLInputElement;
  /** The line with the problem of the value; to be placed in the dialog. */
  readonly message: HTMLElement;
}

interface TypedFieldOptions {
  readonly id: string;
  /** The type menu, the usual type first. */
  readonly types: (string | TypedInputType)[];
  /** Placeholder of an empty field, by its type. */
  readonly example: (type: string) => string;
  readonly typed: TypedValue | undefined;
  /** Ids of the elements that label and describe the field. */
  readonly labelledBy: string;
  readonly describedBy: string;
  /** The text of the problem with a value; null without a problem. */
  readonly validate: (typed: TypedValue) => string | null;
  /** Called when the user changes the value or its type. */
  readonly onChange: () => void;
}

/** Makes a typed input inside `box`, which must be part of the page already: the widget measures itself. */
export function createTypedField(box: HTMLElement, options: TypedFieldOptions): TypedField {
  const { id, types, example, typed, validate, onChange } = options;
  const source = createElement('input', { type: 'text', style: 'width: 100%' });
  box.prepend(source);
  const widget = $(source).typedInput({ types });
  if (typed !== undefined) widget.typedInput('type', typed.type).typedInput('value', fieldText(typed));
  const read = (): TypedValue => ({ value: widget.typedInput('value'), type: widget.typedInput('type') });

  const message = createValidationMessage(id);
  const input = describeParts(box, options, message.id);
  const update = (): void => {
    const { value, type } = read();
    const problem = validate({ value, type });
    input.setAttribute('placeholder', example(type));
    message.textContent = problem ?? '';
    setVisible(message, problem !== null);
    $(box)
      .find('.red-ui-typedInput-container')
      .toggleClass('input-error', problem !== null);
    input.setAttribute('aria-invalid', String(problem !== null));
  };
  widget.on('change keyup paste', () => {
    update();
    onChange();
  });
  update();
  return {
    input,
    message,
    read,
    focus: () => $(box).find(VALUE_PARTS).filter(':visible').first().trigger('focus'),
  };
}

/** Labels the parts of the widget, which hides the input it is made of. @returns the text field */
function describeParts(
  box: HTMLElement,
  { id, labelledBy, describedBy }: TypedFieldOptions,
  messageId: string,
): HTMLInputElement {
  box.setAttribute('role', 'group'); // the type menu belongs to the label too
  box.setAttribute('aria-labelledby', labelledBy);
  for (const part of box.querySelectorAll(VALUE_PARTS)) {
    part.setAttribute('aria-labelledby', labelledBy);
    part.setAttribute('aria-describedby', `${describedBy} ${messageId}`.trim());
  }
  const input = box.querySelector('.red-ui-typedInput-input');
  if (!(input instanceof HTMLInputElement)) throw new Error('A typed input has no input');
  input.setAttribute('id', id);
  return input;
}
