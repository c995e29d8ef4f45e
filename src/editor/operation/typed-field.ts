import type { Parameter } from '../../active-backup/methods';
import { codeNames } from '../../active-backup/parameter-values';
import type { TypedValue } from '../../settings/operations';
import { createElement, setVisible } from '../form/dom';
import { createValidationMessage, problemText, shared, wordText } from '../form/texts';
import { selectionProblem } from './task-selection';
import { fieldText, isFilled, parameterProblem, RUNTIME_TYPES } from './typed-value';

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
  // The widget's button for a larger editor has an icon alone.
  box.querySelector('.red-ui-typedInput-option-expand')?.setAttribute('aria-label', shared('parameter.expand'));
  const input = box.querySelector('.red-ui-typedInput-input');
  if (!(input instanceof HTMLInputElement)) throw new Error('A typed input has no input');
  input.setAttribute('id', id);
  return input;
}

/** The text of the problem with a row of the parameter form; null without a problem. */
export function validateParameter(parameter: Parameter | undefined, typed: TypedValue | undefined): string | null {
  const problem = parameterProblem(parameter, typed);
  if (problem !== null) return problemText(problem);
  if (typed === undefined || !isFilled(typed)) return null;
  const result = RED.utils.validateTypedProperty(fieldText(typed), typed.type, {});
  return result === true ? null : result;
}

/** The text of the problem with a selection of tasks; null without a problem. */
export function validateSelection(typed: TypedValue): string | null {
  const problem = selectionProblem(typed);
  return problem === null ? validateParameter(undefined, typed) : problemText(problem);
}

/** An entry of a type menu: the name of one of Node-RED's types, or a type of our own. */
export type InputType = string | TypedInputType;

/** The types of Node-RED's widget that hold text; it fails at any other name. */
const CORE_TYPES: ReadonlySet<string> = new Set([...RUNTIME_TYPES, 'str', 'num', 'bool', 'json', 'bin', 're', 'date']);

/** The types of a parameter's own value, the usual one first. */
const VALUE_TYPES: Readonly<Record<Parameter['type'], (parameter: Parameter) => InputType[]>> = {
  boolean: (parameter) => [
    optionsType('bool', parameter, [
      { value: 'true', label: 'true' },
      { value: 'false', label: 'false' },
    ]),
  ],
  integer: (parameter) => (parameter.codes === undefined ? ['num'] : [codesType(parameter, parameter.codes), 'num']),
  integers: () => ['str', 'json'],
  string: ({ secret }) => [secret === true ? { ...coreType('str'), inputType: 'password' } : 'str'],
  strings: () => ['str', 'json'],
  object: () => ['json'],
  array: () => ['json'],
  any: () => ['json', 'str', 'num', 'bool'],
};

const EXAMPLES: Readonly<Partial<Record<Parameter['type'], string>>> = {
  integers: '1, 2, 3',
  object: '{ }',
  array: '[ ]',
};

/** A parameter that the method table does not list takes any value. */
const UNLISTED: Parameter = { type: 'any' };

/**
 * The type menu of a parameter's row.
 * @param stored the type in the flow, if any
 * @param search finds items of the NAS for the usual type
 */
export function inputTypes(parameter: Parameter = UNLISTED, stored?: string, search?: SuggestionSearch): InputType[] {
  const own = VALUE_TYPES[parameter.type](parameter).map((type) =>
    search !== undefined && takesPickedItems(type) ? { ...coreType(type), autoComplete: search } : type,
  );
  return withStoredType([...own, ...RUNTIME_TYPES], stored);
}

/** Whether a field of this type takes items that are picked from a list. */
export function takesPickedItems(type: InputType): type is 'str' | 'num' {
  return type === 'str' || type === 'num';
}

/** A type menu that also has the type in the flow, whatever that is: opening the dialog must not change it. */
export function withStoredType(types: InputType[], stored: string | undefined): InputType[] {
  const isListed = types.some((type) => (typeof type === 'string' ? type : type.value) === stored);
  if (stored === undefined || isListed) return types;
  return [...types, CORE_TYPES.has(stored) ? stored : { value: stored, label: stored }];
}

/** Placeholder of an empty field: the default that is sent, or an example. */
export function placeholder(parameter: Parameter = UNLISTED): string {
  if (parameter.default !== undefined) return shared('parameter.default', { value: JSON.stringify(parameter.default) });
  return EXAMPLES[parameter.type] ?? '';
}

/** A type with a list of options; the first option is empty, like an empty field. */
function optionsType(
  type: 'str' | 'bool',
  parameter: Parameter,
  options: { value: string; label: string }[],
): TypedInputType {
  const empty =
    parameter.required === true ? shared('parameter.choose') : placeholder(parameter) || shared('parameter.notSent');
  return { ...coreType(type), options: [{ value: '', label: empty }, ...options] };
}

function codesType(parameter: Parameter, codes: NonNullable<Parameter['codes']>): TypedInputType {
  const options = codeNames(codes).map((word) => ({ value: word, label: wordText('type', word) }));
  return optionsType('str', parameter, options);
}

/** One of Node-RED's types, as an object to be extended. */
function coreType(type: 'str' | 'num' | 'bool'): TypedInputType {
  const icon = { str: 'az', num: '09', bool: 'bool' }[type];
  return { value: type, label: RED._(`editor:typedInput.type.${type}`), icon: `red/images/typedInput/${icon}.svg` };
}
