import type { Node } from 'node-red';
import { createSharedAbortController } from '../dsm/abort';
import { dsmErrorOf } from '../dsm/errors';
import { isAborted } from '../dsm/transport';
import { loggerOf, warnOfUnexpectedCause } from './diagnostics';
import { nasNameFor } from './nas-names';
import { toNodeError } from './node-error';
import { errorStatus } from './status';
import type { Message } from './types';

/** Output and abort signal of one message. */
export interface InputContext {
  /** Sends to the first output, or an array to several, as Node-RED's own `send`. */
  readonly send: (msg: Message | (Message | Message[] | null)[]) => void;
  /** Aborted when the node closes. */
  readonly signal: AbortSignal;
}

/**
 * Handles the input messages of a node. `done` is called once per message, with the error if the handler rejects; the status
 * then shows the same error. No rejection escapes: it would end the Node-RED process.
 */
export function onInput(node: Node, handle: (msg: Message, context: InputContext) => Promise<void>): void {
  const closing = createSharedAbortController();
  const run = async (msg: Message, context: InputContext, done: (error?: Error) => void): Promise<void> => {
    try {
      await handle(msg, context);
    } catch (error) {
      // The Catch nodes of the flow close together with the node.
      if (closing.signal.aborted || isAborted(error)) return;
      node.status(errorStatus(error));
      // Errors of a NAS are DsmErrors already. Any other error comes from the message, for example from a getter in it.
      const failure = dsmErrorOf(error, 'EPARAM', 'This message could not be processed');
      warnOfUnexpectedCause(loggerOf(node), failure);
      finish(node, done, toNodeError(failure, nasNameFor(node)));
      return;
    }
    if (!closing.signal.aborted) finish(node, done);
  };
  node.on('input', (msg: Message, send, done) => {
    void run(msg, { send, signal: closing.signal }, done);
  });
  node.on('close', (done: () => void) => {
    closing.abort();
    done();
  });
}

/** Calls `done`. It clones the message for Catch and Complete nodes and throws if a getter in the message does; then the error is reported without the message. */
function finish(node: Node, done: (error?: Error) => void, error?: Error): void {
  try {
    done(error);
  } catch (thrown) {
    node.error(error ?? toNodeError(thrown), {});
  }
}
