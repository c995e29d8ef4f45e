import { methodName, methodOf, METHODS, methodsOf, type Method } from '../../active-backup/methods';
import { isVariable, type Check } from '../nas/problems';

/** What a request node is set to, by its two texts. */
export type RequestKind =
  | { readonly is: 'known'; readonly method: Method }
  /** This package has never heard of the method. */
  | { readonly is: 'unknown'; readonly method: Method }
  /** A message or the environment says the rest. */
  | { readonly is: 'open'; readonly method: Method }
  /** Never sent. */
  | { readonly is: 'invalid'; readonly method: Method };

/** APIs of Active Backup this package knows a method of, in the order of the catalogue. */
export const KNOWN_APIS: readonly string[] = [...new Set(Object.values<Method>(METHODS).map(({ api }) => api))];

/** By the rules the facade reads it with; nothing means that the message brings it. */
export const apiProblem: Check = (value) => {
  const api = textOf(value);
  return api === '' || isVariable(api) || /^SYNO\.ActiveBackup\.\w+(?:\.\w+)*$/.test(api)
    ? null
    : { key: 'problem.api' };
};

/** The name of a method; nothing means that the message brings it. */
export const methodProblem: Check = (value) => {
  const method = textOf(value);
  return method === '' || isVariable(method) || /^\w+$/.test(method) ? null : { key: 'problem.method' };
};

/** What the properties of a request node amount to, whatever a flow file holds. */
export function requestKind(api: unknown, operation: unknown): RequestKind {
  const [from, name] = [textOf(api), textOf(operation)];
  const known = methodsOf(from).find(({ method }) => method === name);
  if (known !== undefined) return { is: 'known', method: known };
  const method = methodOf(from, name);
  if (apiProblem(from) !== null || methodProblem(name) !== null) return { is: 'invalid', method };
  return { is: [from, name].some((text) => text === '' || isVariable(text)) ? 'open' : 'unknown', method };
}

/** What a request node is called: `Log.list_result`, or as much of it as is known; `''` for nothing. */
export function requestLabel(api: unknown, operation: unknown): string {
  const [from, name] = [textOf(api), textOf(operation)];
  if (from === '' || name === '') return from.replace(/^SYNO\.ActiveBackup\./, '') + name;
  return methodName({ api: from, method: name });
}

/** What to suggest for what was typed: all names while it is one of them or nothing, that one first; else those that hold it. */
export function suggestedNames(names: readonly string[], typed: string): string[] {
  const wanted = typed.trim().toLowerCase();
  const isExact = (name: string): boolean => name.toLowerCase() === wanted;
  if (names.some(isExact)) return [...names.filter(isExact), ...names.filter((name) => !isExact(name))];
  return names.filter((name) => name.toLowerCase().includes(wanted));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
