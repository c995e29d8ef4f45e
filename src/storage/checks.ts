/** Whether a value of a file is what it has to be. */
export type Check = (value: unknown) => boolean;

/** A text. */
export const isText: Check = (value) => typeof value === 'string';
/** True or false. */
export const isFlag: Check = (value) => typeof value === 'boolean';
/** A finite number. */
export const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
/** ISO 8601, or any other text that is a date. */
export const isTime: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));

/** One of these values. */
export function isAnyOf(...values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

/** Null, or a value that passes the check. */
export function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

/** Also in files of older releases, which did not store it. */
export function orMissing(check: Check): Check {
  return (value) => value === undefined || check(value);
}

/** A list, each entry of which passes the check. */
export function arrayOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

/** An object with any names, each value of which passes the check. */
export function recordOf(check: Check): Check {
  return (value) => isObject(value) && Object.values(value).every(check);
}

/** An object with these fields; it may have others. */
export function shaped(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields);
  return (value) =>
    isObject(value) && checks.every(([name, check]) => check(Object.getOwnPropertyDescriptor(value, name)?.value));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
