import type { Method } from '../../active-backup/methods';
import { openParameterForm } from './parameter-form';
import { ParameterDrafts } from './parameter-drafts';
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
  const memory = new ParameterDrafts(paramsOf(saved), first.key, first.method);
  let rows = openParameterForm(first.method, memory.get(first.key));
  return {
    show(next) {
      if (next.key === shown.key) return;
      memory.save(shown.key, rows());
      shown = next;
      rows = openParameterForm(next.method, memory.get(next.key));
    },
    params() {
      memory.save(shown.key, rows());
      return memory.stored(shown.key, shown.method);
    },
  };
}
