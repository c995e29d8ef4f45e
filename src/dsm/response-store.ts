import type { Json } from './json';

/**
 * What a caller keeps of the responses to a request that it repeats, so that a response of the same bytes is neither decoded nor
 * parsed again: its data is then the same object, by which the caller can detect the repetition.
 */
export interface ResponseStore {
  /** The bytes of an earlier response, if any: a response of the same bytes has this very Buffer. */
  readonly known: Buffer | null;
  /** Data to return in place of a response of these bytes; undefined: it is parsed. */
  get(bytes: Buffer): Json | undefined;
  /** @param data of a successful response, after its secrets were removed */
  set(bytes: Buffer, data: Json): void;
}
