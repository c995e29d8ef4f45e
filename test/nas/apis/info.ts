import type { JsonObject } from '../../../src/dsm/json';
import { openMethod } from '../method';
import type { Api, Methods } from '../method';

function describe({ path, minVersion, maxVersion, requestFormat }: Api): JsonObject {
  return { maxVersion, minVersion, path, ...(requestFormat === undefined ? {} : { requestFormat }) };
}

/** Whether an API is asked for: by `all`, by name, or by a prefix that ends in a dot. */
function isAsked(name: string, query: readonly string[]): boolean {
  return query.some((word) => word === 'all' || word === name || (word.endsWith('.') && name.startsWith(word)));
}

/** SYNO.API.Info (DSM facts 4.1). APIs of a package that is stopped are not in `apis`, hence not in the answer. */
export function infoMethods(apis: () => Readonly<Record<string, Api>>): Methods {
  return {
    query: openMethod((sent) => {
      const query = (sent['query'] ?? 'all').split(',').map((word) => word.trim());
      const asked = Object.entries(apis()).filter(([name]) => isAsked(name, query));
      return Object.fromEntries(asked.map(([name, api]) => [name, describe(api)]));
    }),
  };
}
