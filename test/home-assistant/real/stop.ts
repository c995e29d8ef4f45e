/** Ends the command with a message for the user, without a stack. */
export class Stop extends Error {
  override readonly name = 'Stop';
}
