import type { Parameter } from '../../active-backup/catalogue';
import { element } from './elements';
import { inputTypes, placeholder } from './typed-input-types';
import { fieldText, LATE_TYPES, type TypedValue } from './typed-value';

/** Where a person enters the value: a text field, or the button of a list of choices. */
const VALUE_PARTS = '.red-ui-typedInput-input, .red-ui-typedInput-option-trigger';

/** One of Node-RED's typed inputs, bound to its label. */
export interface TypedField {
  readonly box: HTMLElement;
  read(): TypedValue;
  focus(): void;
  /** Marks it as wrong, or not, for eyes and screen readers. */
  mark(isWrong: boolean): void;
}

interface TypedFieldOptions {
  readonly id: string;
  readonly parameter: Parameter | undefined;
  readonly typed: TypedValue | undefined;
  /** Ids of what names and of what describes the field. */
  readonly labelledBy: string;
  readonly describedBy: string;
  /** A person changed the value or its type. */
  readonly onChange: () => void;
}

/**
 * Makes a typed input inside `parent`, which must be part of the page already: the widget measures itself.
 * The widget hides the input it is made of, so label and descriptions go to the parts a person meets.
 */
export function typedField(parent: HTMLElement, options: TypedFieldOptions): TypedField {
  const { id, parameter, typed, labelledBy, describedBy, onChange } = options;
  const source = element('input', { type: 'text', style: 'width: 100%' });
  const box = element('div', { class: 'active-backup-field' }, source);
  parent.append(box);

  const types = inputTypes(parameter, typed?.type);
  const widget = $(source).typedInput({ types });
  if (typed !== undefined) widget.typedInput('type', typed.type).typedInput('value', fieldText(typed));

  const input = box.querySelector('.red-ui-typedInput-input');
  input?.setAttribute('id', id);
  for (const part of box.querySelectorAll(VALUE_PARTS)) {
    part.setAttribute('aria-labelledby', labelledBy);
    part.setAttribute('aria-describedby', describedBy);
  }
  const showExample = (): void => {
    const isLate = (LATE_TYPES as readonly string[]).includes(widget.typedInput('type'));
    input?.setAttribute('placeholder', isLate ? '' : placeholder(parameter));
  };
  showExample();
  widget.on('change keyup paste', () => {
    showExample();
    onChange();
  });
  return {
    box,
    read: () => ({ value: widget.typedInput('value'), type: widget.typedInput('type') }),
    focus: () => $(box).find(VALUE_PARTS).filter(':visible').first().trigger('focus'),
    mark(isWrong) {
      $(box).find('.red-ui-typedInput-container').toggleClass('input-error', isWrong);
      input?.setAttribute('aria-invalid', String(isWrong));
    },
  };
}
