import type { Json } from './json';

/**
 * The last response to a repeated request. A response of the same bytes is not parsed again: the data is then the same
 * object, so the caller can detect the repetition by identity. The caller keeps one cache per request.
 */
export class ResponseCache {
  #last: { readonly text: string; readonly data: Json } | null = null;

  /** The data of the last response, if it had this text; undefined otherwise. */
  get(text: string): Json | undefined {
    return this.#last?.text === text ? this.#last.data : undefined;
  }

  /** @param data of a successful response, after its secrets were removed */
  set(text: string, data: Json): void {
    this.#last = { text, data };
  }
}
