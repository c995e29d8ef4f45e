import type { ResponseStore } from '../dsm/response-store';
import type { LaterJobs, Task } from './types';

/** The bytes of one response, which is parsed in any case: its data belong to the caller alone. */
export class ResponseBytes implements ResponseStore {
  /** Of the response before. */
  readonly known: Buffer | null;
  #bytes: Buffer | null = null;

  constructor(known: Buffer | null) {
    this.known = known;
  }

  /** Null before a successful response. */
  get bytes(): Buffer | null {
    return this.#bytes;
  }

  get(): undefined {
    return undefined;
  }

  set(bytes: Buffer): void {
    this.#bytes = bytes;
  }
}

/** What is made of the response of a method that lists tasks. */
export interface ParsedList {
  readonly tasks: readonly Task[];
  readonly laterJobs: LaterJobs;
}

/**
 * The task list that was requested last. A response of the same bytes has the same tasks as objects, so that nothing needs to
 * be parsed or compared again for the next message. Nobody modifies them: messages contain copies.
 */
export class ParsedLists {
  #last: { readonly method: string; readonly bytes: Buffer; readonly parsed: ParsedList } | null = null;

  /** The bytes of the list; null: another method was called last, or none. */
  bytesOf(method: string): Buffer | null {
    return this.#last?.method === method ? this.#last.bytes : null;
  }

  /** @param parse makes of the response what depends on its bytes alone */
  get(method: string, bytes: Buffer, parse: () => ParsedList): ParsedList {
    if (this.#last?.method === method && this.#last.bytes.equals(bytes)) return this.#last.parsed;
    const parsed = parse();
    this.#last = { method, bytes, parsed };
    return parsed;
  }
}
