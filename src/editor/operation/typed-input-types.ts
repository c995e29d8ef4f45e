import type { Parameter } from '../../active-backup/methods';
import { codeNames } from '../../active-backup/parameter-values';
import { shared, wordText } from '../form/texts';
import { RUNTIME_TYPES } from './typed-value';

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
