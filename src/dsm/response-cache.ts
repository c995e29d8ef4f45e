import type { Json } from './json';

/**
 * The last answer to a call that is made again and again. An answer of the same bytes is not parsed again: its data is
 * then the very same object, so that whoever asked can tell by comparing. Kept by whoever asks, one per call.
 */
export class ResponseCache {
  #last: { readonly text: string; readonly data: Json } | null = null;

  /** The data of the last answer, if it had this text; undefined otherwise. */
  get(text: string): Json | undefined {
    return this.#last?.text === text ? this.#last.data : undefined;
  }

  /** @param data of a successful answer, when nothing secret is left in it */
  set(text: string, data: Json): void {
    this.#last = { text, data };
  }
}
