/** The list before when it has the very same elements, so that who compares the lists by identity finds no change; else the new one. */
export function sameList<T>(before: readonly T[] | null, now: readonly T[]): readonly T[] {
  return before?.length === now.length && before.every((each, index) => each === now[index]) ? before : now;
}
