import type { Node, NodeStatus } from 'node-red';
import type { DsmError } from '../dsm/errors';
import type { Trouble } from '../mqtt/mqtt-connection';
import { CONNECTING, doneStatus, errorStatus, fixed, key } from './status';
import type { BridgeStatus } from '../bridge/bridge';

/** What a bridge may come to stand at that is told in words of its own. */
const TROUBLES: Readonly<Record<Trouble['kind'], NodeStatus>> = {
  unreachable: fixed({ fill: 'red', shape: 'dot', text: key('broker-unreachable') }),
  'refused-login': fixed({ fill: 'red', shape: 'ring', text: key('broker-refuses-login') }),
  refused: fixed({ fill: 'red', shape: 'ring', text: key('broker-refuses') }),
  protocol: fixed({ fill: 'red', shape: 'ring', text: key('broker-refuses') }),
  tls: fixed({ fill: 'red', shape: 'ring', text: key('broker-tls') }),
  'taken-over': fixed({ fill: 'red', shape: 'ring', text: key('broker-taken-over') }),
};

const FIXED: Readonly<Record<'waiting' | 'connecting' | 'twice' | 'purged', NodeStatus>> = {
  waiting: CONNECTING,
  connecting: fixed({ fill: 'yellow', shape: 'ring', text: key('broker-connecting') }),
  twice: fixed({ fill: 'red', shape: 'ring', text: key('bridge-twice') }),
  purged: fixed({ fill: 'grey', shape: 'ring', text: key('bridge-purged') }),
};

/** The line under a bridge: what is wrong with the broker, else with the NAS, else what was published last. */
export class BridgeStatusLine {
  readonly #node: Pick<Node, 'status'>;
  #standing: BridgeStatus | { readonly is: 'waiting' } = { is: 'waiting' };
  #nasTrouble: DsmError | null = null;
  #shown = '';

  constructor(node: Pick<Node, 'status'>) {
    this.#node = node;
    this.#show();
  }

  showStanding(standing: BridgeStatus): void {
    this.#standing = standing;
    this.#show();
  }

  /** @param trouble of the last look; null when it went well */
  showNas(trouble: DsmError | null): void {
    if (trouble?.code === this.#nasTrouble?.code) return;
    this.#nasTrouble = trouble;
    this.#show();
  }

  /** After somebody else has written on the line. */
  showAgain(): void {
    this.#shown = '';
    this.#show();
  }

  #show(): void {
    const status = this.#status();
    const shown = JSON.stringify(status);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#node.status(status);
  }

  #status(): NodeStatus {
    const standing = this.#standing;
    if (standing.is === 'trouble') return TROUBLES[standing.trouble.kind];
    if (standing.is !== 'published' && standing.is !== 'waiting') return FIXED[standing.is];
    if (this.#nasTrouble !== null) return errorStatus(this.#nasTrouble);
    if (standing.is === 'waiting' || standing.tasks === null) return FIXED.waiting;
    const done = doneStatus(new Date(), String(standing.tasks));
    if (standing.refused === null) return done;
    return { fill: 'yellow', shape: 'dot', text: `${done.text ?? ''} · ⚠ ${standing.refused}` };
  }
}
