import {
  isApiName,
  isMethodName,
  methodName,
  methodOf,
  METHODS,
  methodsOf,
  type Method,
} from '../../active-backup/methods';
import { isVariable, Problem, problemOf, type Rule } from '../../settings/rules';

/** A request node by its API and method. */
export interface RequestKind {
  /**
   * `known`: in the method table; `unknown`: sent, but not in the table; `open`: a message or an environment variable brings
   * API or method; `invalid`: never sent.
   */
  readonly kind: 'known' | 'unknown' | 'open' | 'invalid';
  readonly method: Method;
}

/** The APIs in the method table, in its order. */
export const KNOWN_APIS: readonly string[] = [...new Set(Object.values<Method>(METHODS).map(({ api }) => api))];

/** An API of Active Backup; `''`: the message brings it. */
export const parseApi: Rule<string> = (value) => {
  const api = textOrNone(value);
  return api === '' || isApiName(api) ? api : new Problem('problem.api');
};

/** The name of a method; `''`: the message brings it. */
export const parseMethodName: Rule<string> = (value) => {
  const method = textOrNone(value);
  return method === '' || isMethodName(method) ? method : new Problem('problem.method');
};

/** The kind of a request node with these properties of a flow file. */
export function requestKind(api: unknown, operation: unknown): RequestKind {
  const [apiName, name] = [textOrNone(api), textOrNone(operation)];
  const known = methodsOf(apiName).find(({ method }) => method === name);
  if (known !== undefined) return { kind: 'known', method: known };
  const method = methodOf(apiName, name);
  if (problemOf(parseApi, apiName) !== null || problemOf(parseMethodName, name) !== null) {
    return { kind: 'invalid', method };
  }
  return { kind: [apiName, name].some((text) => text === '' || isVariable(text)) ? 'open' : 'unknown', method };
}

/** The label of a request node: `Log.list_result`, or the part of it that is known; `''` without any. */
export function requestLabel(api: unknown, operation: unknown): string {
  const [apiName, name] = [textOrNone(api), textOrNone(operation)];
  if (apiName === '' || name === '') return apiName.replace(/^SYNO\.ActiveBackup\./, '') + name;
  return methodName({ api: apiName, method: name });
}

/** The names to suggest for a text: all names for an empty text or a complete name, which comes first; else those that contain it. */
export function suggestedNames(names: readonly string[], typed: string): string[] {
  const text = typed.trim().toLowerCase();
  const isExact = (name: string): boolean => name.toLowerCase() === text;
  if (names.some(isExact)) return [...names.filter(isExact), ...names.filter((name) => !isExact(name))];
  return names.filter((name) => name.toLowerCase().includes(text));
}

function textOrNone(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
