/** Resolves in the next turn of the event loop, so that a long piece of work does not keep others waiting. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
