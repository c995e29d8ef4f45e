import type { JsonObject } from './json';

/**
 * The last answer to a call that is made again and again. An answer of the same bytes is not parsed again: its data is
 * then the very same object, so that whoever asked can tell by comparing. Kept by whoever asks, one per call.
 */
export class Recall {
  text: string | null = null;
  envelope: (JsonObject & { success: boolean }) | null = null;
}
