import type { Node, NodeStatus } from 'node-red';
import type { BridgeStatus } from '../bridge/types';
import type { DsmError } from '../dsm/errors';
import type { ConnectionProblem } from '../mqtt/types';
import { CONNECTING, doneStatus, errorStatus, fixed, key } from './status';

const BROKER_PROBLEM: Readonly<Record<ConnectionProblem['kind'], NodeStatus>> = {
  unreachable: fixed({ fill: 'red', shape: 'dot', text: key('broker-unreachable') }),
  'refused-login': fixed({ fill: 'red', shape: 'ring', text: key('broker-refuses-login') }),
  refused: fixed({ fill: 'red', shape: 'ring', text: key('broker-refuses') }),
  protocol: fixed({ fill: 'red', shape: 'ring', text: key('broker-refuses') }),
  tls: fixed({ fill: 'red', shape: 'ring', text: key('broker-tls') }),
  'taken-over': fixed({ fill: 'red', shape: 'ring', text: key('broker-taken-over') }),
};

const BRIDGE: Readonly<Record<'connecting' | 'standby' | 'purged', NodeStatus>> = {
  connecting: fixed({ fill: 'yellow', shape: 'ring', text: key('broker-connecting') }),
  standby: fixed({ fill: 'red', shape: 'ring', text: key('bridge-twice') }),
  purged: fixed({ fill: 'grey', shape: 'ring', text: key('bridge-purged') }),
};

/** The status of a bridge node: a problem of the broker, else one of the NAS, else what has been published. */
export class BridgeStatusLine {
  readonly #node: Pick<Node, 'status'>;
  #bridge: BridgeStatus | { readonly is: 'waiting' } = { is: 'waiting' };
  #nasError: DsmError | null = null;
  /** The current status as JSON. */
  #shown = '';

  constructor(node: Pick<Node, 'status'>) {
    this.#node = node;
    this.#update();
  }

  showBridge(status: BridgeStatus): void {
    this.#bridge = status;
    this.#update();
  }

  /** @param error of the last poll; null if it succeeded */
  showNas(error: DsmError | null): void {
    if (error?.code === this.#nasError?.code) return;
    this.#nasError = error;
    this.#update();
  }

  /** Shows the status again after another one has replaced it. */
  refresh(): void {
    this.#shown = '';
    this.#update();
  }

  #update(): void {
    const status = this.#status();
    const shown = JSON.stringify(status);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#node.status(status);
  }

  #status(): NodeStatus {
    const bridge = this.#bridge;
    if (bridge.is === 'problem') return BROKER_PROBLEM[bridge.problem.kind];
    if (bridge.is !== 'published' && bridge.is !== 'waiting') return BRIDGE[bridge.is];
    if (this.#nasError !== null) return errorStatus(this.#nasError);
    if (bridge.is === 'waiting' || bridge.tasks === null) return CONNECTING;
    const done = doneStatus(new Date(), String(bridge.tasks));
    if (bridge.refused === null) return done;
    return { fill: 'yellow', shape: 'dot', text: `${done.text ?? ''} · ⚠ ${bridge.refused}` };
  }
}
