import type { Parameter } from '../../active-backup/methods';
import { shared, wordText } from '../form/texts';
import { CODE_WORDS, RUNTIME_TYPES } from './typed-value';

export type InputType = string | TypedInputType;

/** Types Node-RED's widget knows by name, as far as they are texts; it fails at any other name. */
const CORE_TYPES: ReadonlySet<string> = new Set([...RUNTIME_TYPES, 'str', 'num', 'bool', 'json', 'bin', 're', 'date']);

/** Types of a parameter's own value, the usual one first. */
const VALUE_TYPES: Readonly<Record<Parameter['type'], (parameter: Parameter) => InputType[]>> = {
  boolean: (parameter) => [
    choice('bool', parameter, [
      { value: 'true', label: 'true' },
      { value: 'false', label: 'false' },
    ]),
  ],
  integer: (parameter) => (parameter.codes === undefined ? ['num'] : [codeWords(parameter, parameter.codes), 'num']),
  integers: () => ['str', 'json'],
  string: ({ secret }) => [secret === true ? { ...named('str'), inputType: 'password' } : 'str'],
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

/** A parameter no catalogue lists takes any value. */
const UNLISTED: Parameter = { type: 'any' };

/**
 * What a row's type menu offers.
 * @param stored the type a flow brought, if any
 * @param search finds things on the NAS for the usual type
 */
export function inputTypes(parameter: Parameter = UNLISTED, stored?: string, search?: SuggestionSearch): InputType[] {
  const own = VALUE_TYPES[parameter.type](parameter).map((type) =>
    search !== undefined && isPickedType(type) ? { ...named(type), autoComplete: search } : type,
  );
  return offering([...own, ...RUNTIME_TYPES], stored);
}

/** Whether a field of this type can take what a person picks from a list. */
export function isPickedType(type: InputType): type is 'str' | 'num' {
  return type === 'str' || type === 'num';
}

/** A type menu that also has the type a flow brought, whatever that is: opening the dialog must not change it. */
export function offering(types: InputType[], stored: string | undefined): InputType[] {
  const isOffered = types.some((type) => (typeof type === 'string' ? type : type.value) === stored);
  if (stored === undefined || isOffered) return types;
  return [...types, CORE_TYPES.has(stored) ? stored : { value: stored, label: stored }];
}

/** What an empty field shows: the default that is sent then, or an example. */
export function placeholder(parameter: Parameter = UNLISTED): string {
  if (parameter.default !== undefined) return shared('parameter.default', { value: JSON.stringify(parameter.default) });
  return EXAMPLES[parameter.type] ?? '';
}

/** A type that is a choice of values; the first choice is none, like an empty field. */
function choice(
  type: 'str' | 'bool',
  parameter: Parameter,
  options: { value: string; label: string }[],
): TypedInputType {
  const none =
    parameter.required === true ? shared('parameter.choose') : placeholder(parameter) || shared('parameter.notSent');
  return { ...named(type), options: [{ value: '', label: none }, ...options] };
}

function codeWords(parameter: Parameter, codes: NonNullable<Parameter['codes']>): TypedInputType {
  return choice(
    'str',
    parameter,
    CODE_WORDS[codes].map((word) => ({ value: word, label: wordText('type', word) })),
  );
}

/** One of Node-RED's own types, to be changed. */
function named(type: 'str' | 'num' | 'bool'): TypedInputType {
  const icon = { str: 'az', num: '09', bool: 'bool' }[type];
  return { value: type, label: RED._(`editor:typedInput.type.${type}`), icon: `red/images/typedInput/${icon}.svg` };
}
