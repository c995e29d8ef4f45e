import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTaskFilter } from '../../src/active-backup/filter';
import { METHODS, type Method } from '../../src/active-backup/methods';
import { parseParameters } from '../../src/active-backup/parameters';
import { matchesGlob, parseSelection, parseTaskIds } from '../../src/active-backup/task-selection';
import type { Task } from '../../src/active-backup/types';
import { DsmError, type ErrorCode } from '../../src/dsm/errors';
import { nasSettings } from '../../src/node-red/settings';
import { BRIDGE_RULES } from '../../src/settings/bridge-settings';
import { BROKER_RULES } from '../../src/settings/broker-settings';
import { parseEventNames } from '../../src/settings/event-settings';
import { parseStartWhen, parseWaitTimeout } from '../../src/settings/limits';
import { parseQuietHours } from '../../src/settings/quiet-hours';
import type { Rule } from '../../src/settings/rules';
import { task } from '../monitor/support/builders';
import { anything, json, LIMIT_MS, OPTIONS } from './support';

const ROWS: readonly Method[] = Object.values(METHODS);

/** The result of a function, or null when it throws an error with this code. @throws every other error */
function unlessRefused<T>(code: ErrorCode, run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof DsmError && error.code === code && error.message !== '') return null;
    throw error;
  }
}

test(
  'whatever a message asks for, parameters can be sent as they are, or are refused with EPARAM',
  () => {
    const names = [...new Set(ROWS.flatMap((row) => Object.keys(row.parameters)))];
    const name = fc.oneof(fc.constantFrom(...names), fc.constantFrom('_sid', 'api', '__proto__', 'x y'), fc.string());
    const given = fc.oneof(
      fc.array(fc.tuple(name, anything), { maxLength: 6 }).map((entries) => Object.fromEntries(entries) as unknown),
      anything,
    );
    fc.assert(
      fc.property(fc.constantFrom(...ROWS), given, (row, parameters) => {
        const parsed = unlessRefused('EPARAM', () => parseParameters(row, parameters));
        if (parsed === null) return;
        expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
        expect(Object.keys(parsed)).not.toContain('_sid');
        expect(Object.keys(parsed)).not.toContain('api');
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);

test(
  'whatever chooses or filters tasks, some of the tasks remain, or it is refused with EPARAM',
  () => {
    const tasks: readonly Task[] = [1, 2, 3].map((id) => task(null, null, id));
    fc.assert(
      fc.property(anything, (value) => {
        unlessRefused('EPARAM', () => parseSelection(value, 'msg.tasks'));
        unlessRefused('EPARAM', () => parseTaskIds(value, 'msg.tasks'));
        const matches = unlessRefused('EPARAM', () => createTaskFilter(value));
        if (matches !== null) for (const each of tasks) expect(matches(each, new Map())).toBeTypeOf('boolean');
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);

test(
  'a pattern of any text is compared in a time that does not explode',
  () => {
    const part = fc.constantFrom('*', '**', '?', 'a', 'aaaa', '[a', '\\', '*a*a*a');
    const pattern = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, fc.string({ maxLength: 200 }), (glob, text) => {
        expect(matchesGlob(glob, `${'a'.repeat(200)}${text}`)).toBeTypeOf('boolean');
        expect(matchesGlob('*', text)).toBe(true);
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);

test(
  'whatever a flow file contains, the settings of a NAS are valid, or refused with ECONFIG without the secret',
  () => {
    const properties = [
      ...['host', 'port', 'https', 'verifyCertificate', 'fingerprint', 'access', 'pollInterval', 'activePollInterval'],
      ...['overdueHours', 'quietHours', 'timeout', 'name'],
    ];
    const changed = fc.array(fc.tuple(fc.constantFrom(...properties), json), { maxLength: 4 });
    fc.assert(
      fc.property(changed, (entries) => {
        const def = {
          id: 'n',
          type: 'active-backup-nas',
          z: '',
          name: '',
          host: 'nas.lan',
          ...Object.fromEntries(entries),
        };
        const credentials = { username: 'admin', password: 'planted-password' };
        const read = (): unknown => nasSettings(def, credentials);
        try {
          unlessRefused('ECONFIG', read);
        } catch (error) {
          expect(String(error)).not.toContain(credentials.password);
          throw error;
        }
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);

test(
  'a rule of a property returns a value or a problem, whatever it gets',
  () => {
    const rules: readonly Rule<unknown>[] = [
      ...Object.values<Rule<unknown>>(BRIDGE_RULES),
      ...Object.values<Rule<unknown>>(BROKER_RULES),
      ...[parseEventNames, parseQuietHours, parseStartWhen, parseWaitTimeout],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...rules), anything, (rule, value) => {
        rule(value);
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);
