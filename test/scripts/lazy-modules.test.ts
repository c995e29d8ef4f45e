import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { lazyModules } from '../../scripts/build/lazy-modules';

/** What the compiler writes for a module that imports a function, a class and a constant, and exports one of them again. */
const COMPILED = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const axios_1 = require("axios");
const input_1 = require("./input");
const errors_1 = require("../dsm/errors");
Object.defineProperty(exports, "limit", { enumerable: true, get: function () { return input_1.limit; } });
exports.run = (text) => {
    if (text === undefined) throw new errors_1.DsmError("EINPUT");
    return (0, input_1.read)(text, axios_1.create);
};
`;

/** Runs a module. @returns its exports, and the names of the modules that it has required since */
function load(code: string): { exports: Record<string, unknown>; required: string[] } {
  class DsmError extends Error {}
  const modules: Record<string, object> = {
    axios: { create: 'create' },
    './input': { limit: 7, read: (...values: unknown[]) => values },
    '../dsm/errors': { DsmError },
  };
  const required: string[] = [];
  const exports: Record<string, unknown> = {};
  const require = (name: string): object => {
    required.push(name);
    return modules[name] ?? {};
  };
  runInNewContext(code, { exports, require });
  return { exports, required };
}

describe('a module of the package is required', () => {
  test('when it is used first, and once; a library at once, as written', () => {
    const { exports, required } = load(lazyModules(COMPILED));
    expect(required).toEqual(['axios']);
    const run = exports.run as (text?: string) => unknown;
    expect(run('a')).toEqual(['a', 'create']);
    expect(run('b')).toEqual(['b', 'create']);
    expect(required).toEqual(['axios', './input']);
    expect(() => run()).toThrow('EINPUT');
    expect(required).toEqual(['axios', './input', '../dsm/errors']);
  });

  test('through a name that is exported again', () => {
    const { exports, required } = load(lazyModules(COMPILED));
    expect(exports.limit).toBe(7);
    expect(required).toEqual(['axios', './input']);
  });
});

test('a module that uses another one in an unknown way is an error of the build', () => {
  expect(() => lazyModules('const a_1 = require("./a");\nmodule.exports = a_1;\n')).toThrow(
    'a_1 is used in an unknown way: a_1;',
  );
});
