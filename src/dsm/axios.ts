import type { AxiosError, AxiosStatic } from 'axios';

/**
 * axios, loaded by the first call and not when Node-RED loads the palette: it is the largest part of what the package would
 * load. `require`, because `import()` would load its many ES modules, and asynchronously.
 */
export function loadAxios(): AxiosStatic {
  return require('axios') as AxiosStatic;
}

/** Whether an error comes from axios; does not load it. */
export function isAxiosError(error: unknown): error is AxiosError {
  return error instanceof Error && 'isAxiosError' in error;
}
