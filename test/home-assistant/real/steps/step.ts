import type { TestEnvironment } from '../environment';

/** One step of the test. */
export interface Step {
  /** The behaviour that the step checks. */
  readonly name: string;
  /** @returns a remark for the output, if any @throws Error when the check fails */
  readonly run: (environment: TestEnvironment) => Promise<string | undefined>;
}
