import { nodeRedRequire } from './node-red-package';

/** A message for a Catch or Complete node, as far as it is used here. */
interface Reported {
  error?: { code?: unknown };
  complete?: object;
}

/** A node of the runtime, as far as it is used here. */
interface RuntimeNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly error: (this: RuntimeNode, error: unknown, msg: unknown) => void;
  readonly receive: (this: RuntimeNode, msg: Reported) => void;
  readonly _complete: (this: RuntimeNode, msg: unknown, error: unknown) => void;
}

const { version } = nodeRedRequire('@node-red/runtime/package.json') as { version: string };

/**
 * Whether the Node-RED of these tests copies the code of an error into `msg.error`. 4.0 copies message, stack and cause alone
 * (`handleError` of its `Flow.js`), and leaves no place for a node to add the code: a flow there has no `msg.error.code`
 * (README, Compatibility; docs/interface.md §2.4). Nor does it say in `msg.complete` which node has completed.
 */
export const COPIES_ERROR_CODE = !version.startsWith('4.0.');

const IS_EXTENDED = Symbol.for('active-backup test: what Catch and Complete nodes receive');

/**
 * Lets the Catch and Complete nodes of a Node-RED 4.0 receive the code that the node has reported, and which node has completed, as
 * those of 4.1 do: so the same tests prove there, too, that each error is reported with its code. Nothing else is changed, and nothing in
 * other versions.
 */
export function passErrorCodes(): void {
  const prototype = (nodeRedRequire('@node-red/runtime/lib/nodes/Node') as { prototype: RuntimeNode }).prototype;
  if (COPIES_ERROR_CODE || IS_EXTENDED in prototype) return;
  const { error: report, receive, _complete: complete } = prototype;
  /** The code of the error, and the completed node, that are being reported: the receivers run before the report returns. */
  let code: unknown;
  let completed: object | null = null;
  Object.assign(prototype, {
    [IS_EXTENDED]: true,
    error(this: RuntimeNode, error: unknown, msg: unknown) {
      code = error instanceof Error && 'code' in error ? error.code : undefined;
      report.call(this, error, msg);
      code = undefined;
    },
    _complete(this: RuntimeNode, msg: unknown, error: unknown) {
      const { id, type, name } = this;
      completed = { id, type, name };
      complete.call(this, msg, error);
      completed = null;
    },
    receive(this: RuntimeNode, msg: Reported) {
      if (code !== undefined && this.type === 'catch' && msg.error !== undefined) msg.error.code = code;
      if (completed !== null && this.type === 'complete') msg.complete = { source: completed };
      receive.call(this, msg);
    },
  });
}
