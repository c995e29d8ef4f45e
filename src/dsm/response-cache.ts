import type { Json } from './json';

/** What is kept of the responses to a request. */
export interface ResponseStore {
  /** Data to return in place of a response of these bytes; undefined: it is parsed. */
  get(bytes: Buffer): Json | undefined;
  /** @param data of a successful response, after its secrets were removed */
  set(bytes: Buffer, data: Json): void;
}

/**
 * The last response to a repeated request. A response of the same bytes is neither decoded nor parsed again: the data
 * is then the same object, so the caller can detect the repetition by identity. The caller keeps one cache per request.
 */
export class ResponseCache implements ResponseStore {
  #last: { readonly bytes: Buffer; readonly data: Json } | null = null;

  /** The data of the last response, if it had these bytes; undefined otherwise. */
  get(bytes: Buffer): Json | undefined {
    return this.#last?.bytes.equals(bytes) === true ? this.#last.data : undefined;
  }

  /** @param data of a successful response, after its secrets were removed */
  set(bytes: Buffer, data: Json): void {
    this.#last = { bytes, data };
  }
}
