import type { Check } from './tables';

/** Required fields of an object; a `?` after a key marks an optional one. Other keys are violations. */
export type Shape = Readonly<Record<string, Check>>;

/** Violations of the fields of an object. @param at its path in the payload, for the texts */
export function fieldViolations(at: string, fields: Readonly<Record<string, unknown>>, shape: Shape): string[] {
  const required = Object.keys(shape).filter((key) => !key.endsWith('?'));
  return [
    ...required.filter((key) => !Object.hasOwn(fields, key)).map((key) => `${at}.${key} is missing`),
    ...Object.entries(fields).flatMap(([key, value]) => {
      const check = Object.hasOwn(shape, key) ? shape[key] : shape[`${key}?`];
      if (check === undefined) return [`${at}.${key} is no key of it`];
      const fault = check(value);
      return fault === null ? [] : [`${at}.${key} ${fault}`];
    }),
  ];
}
