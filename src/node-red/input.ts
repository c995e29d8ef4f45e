import type { Node } from 'node-red';
import { createSharedAbortController } from '../dsm/abort';
import { dsmErrorOf } from '../dsm/errors';
import { isAborted } from '../dsm/transport';
import { nasNameFor } from './nas-names';
import { ownError } from './own-error';
import { loggerOf, warnOfOrigin } from './diagnostics';
import { errorStatus } from './status';
import type { Message } from './types';

/** What a handler may do with one message. */
export interface InputContext {
  /** Sends to the first output, or an array to several, as Node-RED's own `send`. */
  readonly send: (msg: Message | (Message | Message[] | null)[]) => void;
  /** Aborted when the node closes. */
  readonly signal: AbortSignal;
}

/**
 * Lets a node answer messages. This is the one place where a message ends: `done` once, with the error if there was
 * one, which the status under the node says too. A rejection never escapes: Node-RED would die of it.
 */
export function onInput(node: Node, handle: (msg: Message, turn: InputContext) => Promise<void>): void {
  const closing = createSharedAbortController();
  const work = async (msg: Message, turn: InputContext, done: (error?: Error) => void): Promise<void> => {
    try {
      await handle(msg, turn);
    } catch (error) {
      // The flow that would catch it is going down with the node.
      if (closing.signal.aborted || isAborted(error)) return;
      node.status(errorStatus(error));
      // What came from a NAS is an error of ours already: only the message itself can have been too odd to work on.
      const failure = dsmErrorOf(error, 'EPARAM', 'This message could not be worked on');
      warnOfOrigin(loggerOf(node), failure);
      end(node, done, ownError(failure, nasNameFor(node)));
      return;
    }
    if (!closing.signal.aborted) end(node, done);
  };
  node.on('input', (msg: Message, send, done) => {
    void work(msg, { send, signal: closing.signal }, done);
  });
  node.on('close', (done: () => void) => {
    closing.abort();
    done();
  });
}

/** Node-RED copies the message for Catch and Complete nodes, which throws where a getter in it does: then they get the error alone. */
function end(node: Node, done: (error?: Error) => void, error?: Error): void {
  try {
    done(error);
  } catch (thrown) {
    node.error(error ?? ownError(thrown), {});
  }
}
