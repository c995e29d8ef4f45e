import { taskLabel } from '../active-backup/errors';
import { objectOf } from '../active-backup/json-fields';
import { createSharedAbortController, startTimeout } from '../dsm/abort';
import { DsmError, dsmErrorOf } from '../dsm/errors';
import { isAborted } from '../dsm/transport';
import type { FollowedRequest } from '../monitor/followed-requests';
import { nextListing } from '../monitor/poll-results';
import { NODE_OPERATIONS } from '../settings/operations';
import { findNode, isDeleted } from './config-nodes';
import { warnOfUnexpectedCause } from '../dsm/unexpected-errors';
import { loggerOf } from './logger';
import type { InputContext } from './input';
import type { NasConnection } from '../client/nas-connection';
import { findNas, nasNameFor } from './nas-registry';
import { toNodeError } from './node-error';
import { findOperation } from './operation';
import { RequestRun } from './request-run';
import { errorStatus } from './status';
import { starterOf, actingOn, type TaskBackupNode } from './task-backup';
import type { Message } from './types';

/**
 * Goes on with the requests that were stored before the node was started, and closes the store with the node. What they send
 * has `msg.resumed`. Their errors go to the Catch nodes; the messages they came with are never completed.
 */
export function resumeRequests(self: TaskBackupNode): void {
  const { RED, node, requests, receivers } = self;
  const closing = createSharedAbortController();
  const context: InputContext = {
    send: (msg) => {
      node.send(msg);
    },
    signal: closing.signal,
  };
  const resume = (stored: readonly FollowedRequest[]): void => {
    // The Catch nodes of a flow are registered only after all of its nodes are created.
    setImmediate(() => {
      for (const request of stored) void resumeRequest(self, request, context);
    });
  };
  node.on('close', (removed: boolean, done: () => void) => {
    closing.abort();
    const isGone = isDeleted(RED, node.id, removed);
    receivers.whenKnown(() => {
      requests.close(isGone, receivers.haveReceived());
      done();
    });
  });
  resume(requests.load(resume));
}

/** Never rejects. */
async function resumeRequest(self: TaskBackupNode, request: FollowedRequest, context: InputContext): Promise<void> {
  const { node, requests } = self;
  const message: Partial<Message> = objectOf(JSON.parse(request.message));
  const msg: Message = { _msgid: self.RED.util.generateId(), ...message, resumed: true };
  try {
    const nas = await nasOf(self, request, context.signal);
    if (nas === null || context.signal.aborted) return;
    const method = findOperation(NODE_OPERATIONS['task-backup'], request.method);
    const parameters = objectOf(JSON.parse(request.parameters));
    const starter = starterOf({ self: actingOn(self, request.nas.node), nas, context, method, parameters });
    await new RequestRun(self, { nas, request, msg, context, ...starter, isResumed: true }).complete(null);
  } catch (error) {
    if (context.signal.aborted || isAborted(error)) return;
    requests.remove(request.id);
    node.status(errorStatus(error));
    const failure = dsmErrorOf(error, 'EPARAM', 'This message could not be processed');
    warnOfUnexpectedCause(loggerOf(node), failure);
    node.error(toNodeError(failure, nasNameFor(node)), msg);
  }
}

/**
 * The NAS of a stored request; null if its settings are wrong now, or the node closes: the request stays stored then.
 * @throws DsmError ECONFIG if the NAS was deleted or disabled, or is another one now
 */
async function nasOf(
  { RED, def }: TaskBackupNode,
  request: FollowedRequest,
  signal: AbortSignal,
): Promise<NasConnection | null> {
  const { node, address, id } = request.nas;
  if (findNode(RED, node) === null) throw noLongerFollowed(request, 'its NAS node was deleted or disabled');
  if (def.nas !== undefined && def.nas !== '' && def.nas !== node)
    throw noLongerFollowed(request, 'another NAS was chosen in the node');
  const nas = findNas(RED, node);
  if (nas === null || nas.address === address) return nas;
  // The same NAS may have another address now.
  const limit = startTimeout(request.waitMs, [signal]);
  try {
    const listing = await nextListing(nas.poller, limit.signal);
    if (listing === null && signal.aborted) return null;
    if (listing !== null && nas.identity.id === id) return nas;
    throw noLongerFollowed(request, 'the NAS node has the address of another NAS now');
  } finally {
    limit.clear();
  }
}

function noLongerFollowed({ tasks }: FollowedRequest, why: string): DsmError {
  const labels = tasks.map(taskLabel).join(', ');
  return new DsmError(
    'ECONFIG',
    `${labels}: no longer followed, because ${why}; a backup in progress goes on, and a start that waited is not sent`,
  );
}
