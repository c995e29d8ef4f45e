/** Why the command cannot go on, in a sentence that a person can act on: nobody needs to see where it was thrown. */
export class Stop extends Error {
  override readonly name = 'Stop';
}
