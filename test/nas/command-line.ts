import { parseArgs } from 'node:util';
import type { NasOptions } from './options';

/** An option of `npm run nas`. */
interface Option {
  readonly type: 'string' | 'boolean';
  readonly default?: string;
  readonly help: string;
  /** Allowed numbers; absent where the value is not a number. */
  readonly range?: readonly [least: number, most: number];
}

const OPTIONS = {
  port: { type: 'string', default: '5000', range: [0, 65_535], help: 'port on 127.0.0.1; 0: any free one' },
  https: { type: 'boolean', help: 'HTTPS with a self-signed certificate made now' },
  tasks: { type: 'string', default: '5', range: [0, 20_000], help: 'backup tasks' },
  devices: { type: 'string', default: '1', range: [0, 100], help: 'devices per task' },
  speed: { type: 'string', default: '60', range: [0, 100_000], help: 'seconds of the NAS in one real second' },
  'run-seconds': { type: 'string', range: [0, 1e6], help: 'how long each backup lasts, in seconds of the NAS' },
  machines: { type: 'boolean', help: 'further tasks: laptops, one of them late, a failing server, an unusual backup' },
  days: { type: 'string', range: [1, 400], help: 'days of history (42, with many tasks fewer)' },
  growth: { type: 'string', default: '0', range: [0, 1e6], help: 'GB per day by which the volume fills' },
  free: { type: 'string', range: [0, 23_000], help: 'free GB of the volume at the start' },
  seed: { type: 'string', default: '1', range: [0, 2 ** 32 - 1], help: 'other names and numbers' },
  otp: { type: 'string', help: '2-factor for the account: a code of six digits or a base32 secret' },
  quiet: { type: 'boolean', help: 'do not print the calls' },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Record<string, Option>;

type Name = keyof typeof OPTIONS;
const rows = Object.entries(OPTIONS) as [Name, Option][];

/** The parsed command line. */
export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string }
  | { readonly kind: 'start'; readonly options: NasOptions; readonly quiet: boolean };

const GB = 1e9;
const OTP_FORM = '--otp must be six digits or a base32 secret of 16 letters or more';

/** The account of `npm run nas`. */
export const ACCOUNT = { name: 'admin', password: 'synology' } as const;

function usageLine([name, option]: [Name, Option]): string {
  const left = option.type === 'string' ? `--${name} <${option.range === undefined ? 'text' : 'number'}>` : `--${name}`;
  const ending = option.default === undefined ? '' : ` (${option.default})`;
  return `  ${left.padEnd(24)}${option.help}${ending}`;
}

export const USAGE = [
  'A simulated Synology NAS with Active Backup for Business.',
  '',
  'npm run nas -- [options]',
  '',
  ...rows.map(usageLine),
].join('\n');

/** Parses the arguments after the script's name. A wrong argument yields `wrong` with a message that names the option. */
export function readCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
    if (values.help === true) return { kind: 'help' };
    if (values.otp !== undefined && !/^(\d{6}|[A-Za-z2-7]{16,})$/.test(values.otp)) throw new RangeError(OTP_FORM);
    const number = (name: Name): number => inRange(name, values[name]);
    const runSeconds = values['run-seconds'] === undefined ? null : number('run-seconds');
    return {
      kind: 'start',
      quiet: values.quiet === true,
      options: {
        port: number('port'),
        https: values.https === true,
        tasks: number('tasks'),
        devices: number('devices'),
        speed: number('speed'),
        seed: number('seed'),
        runSeconds,
        machines: values.machines === true,
        pastDays: values.days === undefined ? null : number('days'),
        growthPerDay: number('growth') * GB,
        freeBytes: values.free === undefined ? null : number('free') * GB,
        accounts: [{ ...ACCOUNT, ...(values.otp === undefined ? {} : { otp: values.otp }) }],
      },
    };
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) };
  }
}

/** @throws RangeError naming the option and its range */
function inRange(name: Name, text: string | boolean | undefined): number {
  const { range }: Option = OPTIONS[name];
  const [least, most] = range ?? [-Infinity, Infinity];
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`--${name} must be a whole number from ${least} to ${most}, not "${String(text)}"`);
}
