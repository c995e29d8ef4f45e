import { openNas } from '../client/nas-client';
import { packageInfo } from '../client/package-info';
import { DsmError, originStackOf } from '../dsm/errors';
import { parseCommandLine, UsageError, type CommandName, type CommandOptions } from './arguments';
import { EXIT, type CommandContext, type CommandEnvironment, type Interruption } from './context';
import { HELP } from './help';
import { list } from './list';
import { metrics, report } from './report';
import { nasOptionsOf } from './settings';
import { watch } from './watch';

/** Each command resolves with its exit code, and rejects with a DsmError of the NAS, or when the signal aborts. */
const COMMANDS: Readonly<Record<CommandName, (context: CommandContext) => Promise<number>>> = {
  list,
  report,
  watch,
  metrics,
};

/** Runs `active-backup` with these arguments. Never rejects; everything is closed when it resolves. @returns the exit code */
export async function runCommand(args: readonly string[], environment: CommandEnvironment): Promise<number> {
  try {
    const line = parseCommandLine(args);
    if ('options' in line) return await withNas(line.command, line.options, environment);
    environment.print(line.command === 'help' ? HELP : `${packageInfo().version}\n`);
    return EXIT.success;
  } catch (error) {
    const { signal, warn } = environment;
    if (signal.aborted) return (signal.reason as Interruption).code;
    warn(messageOf(error));
    return args.includes('--check') ? EXIT.unknown : exitCodeOf(error);
  }
}

async function withNas(
  command: CommandName,
  options: CommandOptions,
  environment: CommandEnvironment,
): Promise<number> {
  const { env, warn, signal } = environment;
  const debug = options.debug === true ? warn : (): undefined => undefined;
  const stateFolder = options['state-folder'];
  const nas = openNas({ ...nasOptionsOf(options, env, warn), stateFolder, logger: { debug, warn } });
  try {
    signal.throwIfAborted();
    return await COMMANDS[command]({ ...environment, nas, options });
  } finally {
    await nas.close();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof DsmError)) return EXIT.fault;
  return error.code === 'ECONFIG' || error.code === 'EPARAM' ? EXIT.usage : EXIT.unreachable;
}

function messageOf(error: unknown): string {
  const stack = originStackOf(error);
  if (stack !== null) return `A fault of this package, please report it: ${stack}`;
  if (error instanceof DsmError || error instanceof UsageError) return error.message;
  const { name, stack: own = '' } = error instanceof Error ? error : new Error(typeof error);
  return `A fault of this package, please report it: ${name} ${own.replace(/^(?!\s+at ).*\n?/gm, '')}`;
}
