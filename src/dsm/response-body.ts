/** Why a body could not be read: it was larger than accepted, or the connection ended before it did. */
export class BodyError extends Error {
  readonly reason: 'TOO_LARGE' | 'CUT_OFF';

  constructor(reason: BodyError['reason'], cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/**
 * Reads the body of a response. What repeats the bytes of an earlier response is compared and dropped chunk by chunk: kept until
 * the end, it would make each poll that finds no change allocate the whole task list once more, 3 MB for 1,000 tasks, and
 * V8 collects all garbage after a few of those.
 * @param known the bytes of the earlier response; null: there is none
 * @returns `known` itself if the body has the same bytes
 * @throws BodyError beyond `maxBytes`, or when the body does not end
 */
export async function readBody(body: AsyncIterable<Buffer>, maxBytes: number, known: Buffer | null): Promise<Buffer> {
  const collected = new CollectedBytes(known);
  try {
    for await (const chunk of body) {
      collected.add(chunk);
      if (collected.length > maxBytes) break;
    }
  } catch (error) {
    throw new BodyError('CUT_OFF', error);
  }
  if (collected.length > maxBytes) throw new BodyError('TOO_LARGE');
  return collected.take();
}

/** Chunks, kept from the first one on that differs from known bytes. */
class CollectedBytes {
  #length = 0;
  /** The known bytes while all chunks have repeated them. */
  #repeated: Buffer | null;
  readonly #chunks: Buffer[] = [];

  constructor(known: Buffer | null) {
    this.#repeated = known;
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    if (this.#repeated !== null && !isPartOf(this.#repeated, this.#length, chunk)) {
      this.#chunks.push(this.#repeated.subarray(0, this.#length));
      this.#repeated = null;
    }
    if (this.#repeated === null) this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  take(): Buffer {
    if (this.#repeated === null) return Buffer.concat(this.#chunks, this.#length);
    return this.#repeated.length === this.#length
      ? this.#repeated
      : Buffer.from(this.#repeated.subarray(0, this.#length));
  }
}

/** Whether the bytes at this place of a buffer are those of a chunk. */
function isPartOf(buffer: Buffer, at: number, chunk: Buffer): boolean {
  const end = at + chunk.length;
  return end <= buffer.length && buffer.compare(chunk, 0, chunk.length, at, end) === 0;
}
