import { describe, expect, test } from 'vitest';
import { BodyError, readBody } from '../../src/dsm/response-body';
import { createRandom } from '../nas/random';

const KNOWN = Buffer.from('{"success":true,"data":{"tasks":[1,2,3]}}');

/** A body that arrives in chunks of so many bytes. */
async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield Buffer.from(bytes.subarray(at, at + size));
  }
}

describe('the body of a response', () => {
  test.each([1, 7, 16, 1000])('that repeats the known one is that very Buffer, in chunks of %i bytes', async (size) => {
    expect(await readBody(inChunks(KNOWN, size), 1000, KNOWN)).toBe(KNOWN);
  });

  test.each([
    ['differs at its beginning', KNOWN.toString().replace('{', '[')],
    ['differs in the middle', KNOWN.toString().replace('tasks', 'items')],
    ['differs at its end', KNOWN.toString().replace(/}$/, ']')],
    ['is shorter', KNOWN.toString().slice(0, -5)],
    ['is longer', `${KNOWN.toString()}      `],
    ['is empty', ''],
  ])('that %s is what was sent', async (_, text) => {
    for (const size of [1, 7, 16, 1000]) {
      const body = await readBody(inChunks(Buffer.from(text), size), 1000, KNOWN);
      expect(body.toString()).toBe(text);
      expect(body).not.toBe(KNOWN);
    }
    expect(KNOWN.toString()).toContain('"tasks":[1,2,3]}}');
  });

  test('is what was sent, whatever is known and however it arrives (seed 13)', async () => {
    const random = createRandom(13);
    const some = (): Buffer => Buffer.from(Array.from({ length: random.integer(0, 40) }, () => random.integer(97, 99)));
    for (let run = 0; run < 2000; run += 1) {
      const [known, rest] = [some(), some()];
      const sent = Buffer.concat([known.subarray(0, random.integer(0, known.length)), rest]);
      const body = await readBody(inChunks(sent, random.integer(1, 12)), 1000, random.fraction() < 0.1 ? null : known);
      expect(body.equals(sent), `${known.toString()} then ${sent.toString()}`).toBe(true);
    }
  });

  test('larger than accepted is refused, and its source is ended', async () => {
    const source = inChunks(KNOWN, 5);
    const reading = readBody(source, KNOWN.length - 1, KNOWN);
    await expect(reading).rejects.toEqual(new BodyError('TOO_LARGE'));
    expect(await source.next()).toEqual({ done: true, value: undefined });
  });

  test('that does not end is cut off, with the cause', async () => {
    const cause = new Error('aborted');
    async function* broken(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(KNOWN.subarray(0, 5));
      throw cause;
    }
    await expect(readBody(broken(), 1000, KNOWN)).rejects.toMatchObject({ reason: 'CUT_OFF', cause });
  });
});
