import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The commands, with the options that belong to some of them only. */
const COMMANDS = {
  list: ['json'],
  report: ['json', 'format', 'days', 'language', 'check'],
  watch: ['events', 'tasks', 'state-folder'],
  metrics: [],
} as const satisfies Record<string, readonly (keyof typeof OPTIONS)[]>;

/** Options of all commands. */
const COMMON = ['host', 'username', 'fingerprint', 'config', 'name', 'debug', 'help', 'version'] as const;

const OPTIONS = {
  host: { type: 'string' },
  username: { type: 'string' },
  fingerprint: { type: 'string' },
  config: { type: 'string' },
  name: { type: 'string' },
  debug: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  json: { type: 'boolean' },
  format: { type: 'string' },
  days: { type: 'string' },
  language: { type: 'string' },
  check: { type: 'boolean' },
  events: { type: 'string' },
  tasks: { type: 'string' },
  'state-folder': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** A command of `active-backup`. */
export type CommandName = keyof typeof COMMANDS;

/** The options of a command line, as they were entered. */
export type CommandOptions = ReturnType<typeof parseOptions>['values'];

/** What a command line asks for. */
export type CommandLine =
  { readonly command: CommandName; readonly options: CommandOptions } | { readonly command: 'help' | 'version' };

/** A wrong command line or setting. The message quotes no value, which may be a secret in the wrong place. */
export class UsageError extends Error {}

/** Parses the arguments after the name of the program. @throws UsageError */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parsed(args);
  const [name, ...others] = positionals;
  if (values.help === true || name === 'help') return { command: 'help' };
  if (values.version === true) return { command: 'version' };
  const command = commandNamed(name);
  if (others.length > 0) throw new UsageError(`"${command}" takes options only`);
  const allowed: readonly string[] = [...COMMON, ...COMMANDS[command]];
  const foreign = Object.keys(values).find((option) => !allowed.includes(option));
  if (foreign !== undefined) throw new UsageError(`--${foreign} is no option of "${command}"`);
  return { command, options: values };
}

function commandNamed(name: string | undefined): CommandName {
  const commands = Object.keys(COMMANDS).join(', ');
  if (name === undefined) throw new UsageError(`A command is missing: ${commands}`);
  if (isCommand(name)) return name;
  throw new UsageError(`There is no such command; there are ${commands}`);
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function parseOptions(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
}

/** The arguments by Node's parser, whose messages may quote a value. @throws UsageError */
function parsed(args: readonly string[]): ReturnType<typeof parseOptions> {
  if (args.some((arg) => /^--?p(?:ass(?:word)?)?(?:=|$)/.test(arg))) {
    throw new UsageError(
      'There is no option for the password: every user could read it. Set SYNOLOGY_PASSWORD or use --config',
    );
  }
  try {
    return parseOptions(args);
  } catch (error) {
    const name = /'(--?[a-z][a-z-]*)/.exec(error instanceof Error ? error.message : '')?.[1];
    const isKnown = name !== undefined && Object.hasOwn(OPTIONS, name.replace(/^--/, ''));
    if (!isKnown)
      throw new UsageError(name === undefined ? 'The options cannot be read' : `There is no option ${name}`);
    throw new UsageError(`The option ${name} has no value, or one that it does not take: see --help`);
  }
}
