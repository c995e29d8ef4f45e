import type { Stage } from '../stage';

/** One thing to prove. */
export interface Step {
  /** What must hold, in words. */
  readonly name: string;
  /** @returns what is worth a word besides; @throws Error when it does not hold */
  readonly run: (stage: Stage) => Promise<string | undefined>;
}
