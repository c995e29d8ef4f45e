import type { NasClient } from '../client/nas-client';
import type { CommandOptions } from './arguments';

/** Why a command is ended from outside; the reason of the signal of {@link CommandEnvironment}. */
export interface Interruption {
  /** Exit code of all commands but `watch`. */
  readonly code: number;
  /** Whether nobody reads the output any more. */
  readonly isPipe: boolean;
}

/** What a command has to do with the world outside the NAS. */
export interface CommandEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted with an {@link Interruption}. */
  readonly signal: AbortSignal;
  /** Receives the output. */
  readonly print: (text: string) => void;
  /** Receives a line for the user. */
  readonly warn: (line: string) => void;
}

/** What a command works with. */
export interface CommandContext extends CommandEnvironment {
  readonly nas: NasClient;
  readonly options: CommandOptions;
}

/** Exit codes of all commands. */
export const EXIT = { success: 0, fault: 1, usage: 2, unreachable: 3, unknown: 3 } as const;

/** Exit codes of `report --check`: those of a plug-in of Nagios, Icinga or CheckMK. */
export const CHECK_EXIT = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: EXIT.unknown } as const;
