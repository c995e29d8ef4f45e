import type { Method } from '../../active-backup/methods';
import { fieldText, isFilled, type Params, type TypedValue } from './typed-value';

/** A row for a parameter the catalogue does not list; a person gives it its name. */
export interface NamedValue {
  readonly name: string;
  readonly typed: TypedValue;
}

/** What stands in the form for one operation. */
export interface FormValues {
  /** Of the parameters the catalogue lists, whatever is known; empty rows too. */
  readonly listed: ReadonlyMap<string, TypedValue>;
  readonly added: readonly NamedValue[];
}

/**
 * What a person entered while the dialog is open. Going through the operations and back loses nothing: a parameter that
 * several operations know keeps its value, rows a person added stay with their operation. Only what belongs to the
 * operation that is chosen in the end is stored.
 */
export class ParameterDrafts {
  readonly #saved: Params;
  readonly #listed: Map<string, TypedValue>;
  readonly #added = new Map<string, readonly NamedValue[]>();

  /** @param saved as the flow has it; @param operation the operation it was saved for; @param method its row, if known */
  constructor(saved: Params, operation: string, method: Method | undefined) {
    this.#saved = saved;
    this.#listed = new Map(Object.entries(saved).filter(([name]) => isListed(method, name)));
    const others = Object.entries(saved).filter(([name]) => !isListed(method, name));
    this.#added.set(
      operation,
      others.map(([name, typed]) => ({ name, typed })),
    );
  }

  /** What to show for an operation. */
  get(operation: string): FormValues {
    return { listed: this.#listed, added: this.#added.get(operation) ?? [] };
  }

  /** Keeps what stands in the form. */
  save(operation: string, { listed, added }: FormValues): void {
    for (const [name, typed] of listed) this.#listed.set(name, typed);
    this.#added.set(operation, added);
  }

  /**
   * What to store for an operation: filled rows alone. What was not touched stays exactly as it was saved, order
   * included, so that closing the dialog does not change the node.
   */
  stored(operation: string, method: Method | undefined): Params {
    const listed = Object.keys(method?.parameters ?? {}).map((name) => [name, this.#listed.get(name)] as const);
    const added = (this.#added.get(operation) ?? []).map(({ name, typed }) => [name.trim(), typed] as const);
    const filled = new Map<string, TypedValue>();
    for (const [name, typed] of [...listed, ...added]) {
      if (name !== '' && typed !== undefined && isFilled(typed)) filled.set(name, this.#asSaved(name, typed));
    }
    const names = [...new Set([...Object.keys(this.#saved), ...filled.keys()])];
    return Object.fromEntries(
      names.flatMap((name) => {
        const typed = filled.get(name);
        return typed === undefined ? [] : [[name, typed]];
      }),
    );
  }

  /** The saved value, if the row still says the same: a field turns numbers and objects of an import into text. */
  #asSaved(name: string, typed: TypedValue): TypedValue {
    const saved = this.#saved[name];
    return saved?.type === typed.type && fieldText(saved) === fieldText(typed) ? saved : typed;
  }
}

function isListed(method: Method | undefined, name: string): boolean {
  return method !== undefined && Object.hasOwn(method.parameters, name);
}
