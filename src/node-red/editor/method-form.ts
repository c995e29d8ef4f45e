import type { Method } from '../../active-backup/catalogue';
import { openParameterForm } from './parameter-form';
import { ParameterMemory } from './parameter-memory';
import { paramsOf, type Params } from './typed-value';

/** The method a dialog is set to. */
export interface ChosenMethod {
  /** What its rows are remembered under. */
  readonly key: string;
  /** Undefined when only the runtime will know it. */
  readonly method: Method | undefined;
}

/** The open form: the parameters of one method after the other. */
export interface MethodForm {
  /** Shows the rows of another method, and keeps those of the one before. */
  show(next: ChosenMethod): void;
  /** What to store in `params`. */
  params(): Params;
}

/**
 * Brings the rows for the parameters of a method to life, in `#active-backup-parameters`.
 * @param saved `params` as the flow has them; @param first the method they were saved for
 */
export function openMethodForm(saved: unknown, first: ChosenMethod): MethodForm {
  let shown = first;
  const memory = new ParameterMemory(paramsOf(saved), first.key, first.method);
  let rows = openParameterForm(first.method, memory.recall(first.key));
  return {
    show(next) {
      if (next.key === shown.key) return;
      memory.keep(shown.key, rows());
      shown = next;
      rows = openParameterForm(next.method, memory.recall(next.key));
    },
    params() {
      memory.keep(shown.key, rows());
      return memory.stored(shown.key, shown.method);
    },
  };
}
