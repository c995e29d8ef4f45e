import type { Method } from '../../active-backup/methods';
import type { TypedValue } from '../../settings/operations';
import { fieldText, isFilled, type Params } from './typed-value';

/** A row for a parameter that the method table does not list; the user names it. */
export interface NamedValue {
  readonly name: string;
  readonly typed: TypedValue;
}

/** The rows of one operation. */
export interface FormValues {
  /** Values of the listed parameters, as far as known; empty rows too. */
  readonly listed: ReadonlyMap<string, TypedValue>;
  readonly added: readonly NamedValue[];
}

/**
 * The values that the user entered while the dialog is open. Switching between operations loses nothing: a parameter that
 * several operations have keeps its value, and added rows stay with their operation. Only the values of the operation that
 * is chosen in the end are stored.
 */
export class ParameterDrafts {
  readonly #saved: Params;
  readonly #listed: Map<string, TypedValue>;
  readonly #added = new Map<string, readonly NamedValue[]>();

  /** @param saved the parameters in the flow; @param operation the operation of `saved`; @param method its row, if known */
  constructor(saved: Params, operation: string, method: Method | undefined) {
    this.#saved = saved;
    this.#listed = new Map(Object.entries(saved).filter(([name]) => isListed(method, name)));
    const others = Object.entries(saved).filter(([name]) => !isListed(method, name));
    this.#added.set(
      operation,
      others.map(([name, typed]) => ({ name, typed })),
    );
  }

  /** The values to show for an operation. */
  get(operation: string): FormValues {
    return { listed: this.#listed, added: this.#added.get(operation) ?? [] };
  }

  /** Keeps the values of the form. */
  save(operation: string, { listed, added }: FormValues): void {
    for (const [name, typed] of listed) this.#listed.set(name, typed);
    this.#added.set(operation, added);
  }

  /**
   * The parameters to store for an operation: the filled rows. Unchanged parameters keep their saved value and order, so that
   * closing the dialog does not change the node.
   */
  stored(operation: string, method: Method | undefined): Params {
    const listed = Object.keys(method?.parameters ?? {}).map((name) => [name, this.#listed.get(name)] as const);
    const added = (this.#added.get(operation) ?? []).map(({ name, typed }) => [name.trim(), typed] as const);
    const filled = new Map<string, TypedValue>();
    for (const [name, typed] of [...listed, ...added]) {
      if (name !== '' && typed !== undefined && isFilled(typed)) filled.set(name, this.#savedOr(name, typed));
    }
    const names = [...new Set([...Object.keys(this.#saved), ...filled.keys()])];
    return Object.fromEntries(
      names.flatMap((name) => {
        const typed = filled.get(name);
        return typed === undefined ? [] : [[name, typed]];
      }),
    );
  }

  /** The saved value if the row shows the same: a field turns numbers and objects of an import into text. */
  #savedOr(name: string, typed: TypedValue): TypedValue {
    const saved = this.#saved[name];
    return saved?.type === typed.type && fieldText(saved) === fieldText(typed) ? saved : typed;
  }
}

function isListed(method: Method | undefined, name: string): boolean {
  return method !== undefined && Object.hasOwn(method.parameters, name);
}
