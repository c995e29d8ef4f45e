import type { Machine } from './fleet';
import type { Rule } from './other-rules';

/** When the product reports a machine: it is on line for a while, it was back for two days at most, or it is off line. */
export type AlertCause = 'on line' | 'after a return' | 'off line' | 'wrong clock';

/** What one rule said about one machine. */
interface RuleOutcome {
  falseAlerts: number;
  /** From the stop until it was reported (ms); null: never; undefined: the machine did not stop. */
  delay?: number | null;
  /** The same in usual gaps of the machine before the stop, days off left out. */
  delayInGaps?: number;
}

/** A machine after the simulation, by rule. */
export interface MachineOutcome {
  readonly machine: Machine;
  readonly days: number;
  readonly rules: Readonly<Record<Rule, RuleOutcome>>;
  /** Of each false alert of the product. */
  readonly causes: AlertCause[];
}
