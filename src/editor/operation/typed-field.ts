import { createElement } from '../form/dom';
import { fieldText, type TypedValue } from './typed-value';

/** Where a person enters the value: a text field, or the button of a list of choices. */
const VALUE_PARTS = '.red-ui-typedInput-input, .red-ui-typedInput-option-trigger';

/** One of Node-RED's typed inputs, bound to its label. */
export interface TypedField {
  read(): TypedValue;
  focus(): void;
  /** Where a person types, whatever the type. */
  readonly input: HTMLInputElement;
  /** Marks it as wrong, or not, for eyes and screen readers. */
  mark(isWrong: boolean): void;
}

export interface TypedFieldOptions {
  readonly id: string;
  /** What its type menu offers, the usual one first. */
  readonly types: (string | TypedInputType)[];
  /** What an empty field shows, by the chosen type. */
  readonly example: (type: string) => string;
  readonly typed: TypedValue | undefined;
  /** Ids of what names and of what describes the field. */
  readonly labelledBy: string;
  readonly describedBy: string;
  /** A person changed the value or its type. */
  readonly onChange: () => void;
}

/**
 * Makes a typed input inside `box`, which must be part of the page already: the widget measures itself.
 * The widget hides the input it is made of, so label and descriptions go to the parts a person meets.
 */
export function typedField(box: HTMLElement, options: TypedFieldOptions): TypedField {
  const { id, types, example, typed, labelledBy, describedBy, onChange } = options;
  const source = createElement('input', { type: 'text', style: 'width: 100%' });
  box.prepend(source);
  box.setAttribute('role', 'group'); // its type menu belongs to the label too
  box.setAttribute('aria-labelledby', labelledBy);

  const widget = $(source).typedInput({ types });
  if (typed !== undefined) widget.typedInput('type', typed.type).typedInput('value', fieldText(typed));

  const input = box.querySelector('.red-ui-typedInput-input');
  if (!(input instanceof HTMLInputElement)) throw new Error('A typed input has no input');
  input.setAttribute('id', id);
  for (const part of box.querySelectorAll(VALUE_PARTS)) {
    part.setAttribute('aria-labelledby', labelledBy);
    part.setAttribute('aria-describedby', describedBy);
  }
  const showExample = (): void => input.setAttribute('placeholder', example(widget.typedInput('type')));
  showExample();
  widget.on('change keyup paste', () => {
    showExample();
    onChange();
  });
  return {
    input,
    read: () => ({ value: widget.typedInput('value'), type: widget.typedInput('type') }),
    focus: () => $(box).find(VALUE_PARTS).filter(':visible').first().trigger('focus'),
    mark(isWrong) {
      $(box).find('.red-ui-typedInput-container').toggleClass('input-error', isWrong);
      input.setAttribute('aria-invalid', String(isWrong));
    },
  };
}
