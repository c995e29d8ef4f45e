import type { JsonObject } from '../../../src/dsm/json';
import { openMethod } from '../method';
import type { Api, Methods } from '../method';

function describe({ path, minVersion, maxVersion, requestFormat }: Api): JsonObject {
  return { maxVersion, minVersion, path, ...(requestFormat === undefined ? {} : { requestFormat }) };
}

/** Whether a query includes an API: by `all`, by name, or by a prefix that ends in a dot. */
function isRequested(name: string, query: readonly string[]): boolean {
  return query.some((word) => word === 'all' || word === name || (word.endsWith('.') && name.startsWith(word)));
}

/** SYNO.API.Info (docs/facts/dsm.md §4.1). APIs of a stopped package are not in `apis`, hence not in the answer. */
export function infoMethods(apis: () => Readonly<Record<string, Api>>): Methods {
  return {
    query: openMethod((sent) => {
      const query = (sent['query'] ?? 'all').split(',').map((word) => word.trim());
      const requested = Object.entries(apis()).filter(([name]) => isRequested(name, query));
      return Object.fromEntries(requested.map(([name, api]) => [name, describe(api)]));
    }),
  };
}
