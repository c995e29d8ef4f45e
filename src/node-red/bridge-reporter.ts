import { TASK_API } from '../active-backup/methods';
import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { BridgeStatus } from '../bridge/types';
import { DsmError, ERRORS, type ErrorCode } from '../dsm/errors';
import type { ConnectionProblem, ConnectionLogger } from '../mqtt/types';
import { CONNECTING, doneStatus, errorStatus, fixed, key, taskCount } from './status';
import type { CommandOutcome } from '../bridge/command-handler';
import { commandLine } from '../bridge/responses';
import { warnOfUnexpectedError } from '../dsm/unexpected-errors';
import { loggerOf } from './logger';
import { nasNameFor, withNasName } from './nas-registry';
import { toNodeError } from './node-error';
import type { Message } from './types';

/** Bounds the memory of texts that differ each time; when it is reached all are forgotten. */
const MAX_TEXTS = 200;

/** Suppresses repeated warnings. */
export class WarnOnce {
  readonly #texts = new Set<string>();

  /** Whether a text comes for the first time since {@link reset}. */
  isFirst(text: string): boolean {
    if (this.#texts.has(text)) return false;
    if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
    this.#texts.add(text);
    return true;
  }

  /** The problem is over: the next one is to be reported. */
  reset(): void {
    this.#texts.clear();
  }
}

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
class BridgeStatusLine {
  readonly #RED: NodeAPI;
  readonly #node: Pick<Node, 'status'>;
  #bridge: BridgeStatus | { readonly is: 'waiting' } = { is: 'waiting' };
  #nasError: DsmError | null = null;
  /** The current status as JSON. */
  #shown = '';

  constructor(RED: NodeAPI, node: Pick<Node, 'status'>) {
    this.#RED = RED;
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
    const done = doneStatus(new Date(), taskCount(this.#RED, bridge.tasks));
    if (bridge.refused === null) return done;
    return { fill: 'yellow', shape: 'dot', text: `${done.text ?? ''} · ⚠ ${bridge.refused}` };
  }
}

/** Error codes for Catch nodes. Problems without one may pass by themselves: they are shown as status and warning only. */
const BROKER_ERROR_CODES: Readonly<Partial<Record<ConnectionProblem['kind'], ErrorCode>>> = {
  'refused-login': 'EAUTH',
  refused: 'EPERMISSION',
  protocol: 'EUNSUPPORTED',
  tls: 'EUNREACHABLE',
  'taken-over': 'ECONFIG',
};

/** Reports the status and problems of a bridge node to the user; each problem once until it is over. */
export class BridgeReporter {
  /** Logs as the node. */
  readonly logger: Required<ConnectionLogger>;
  readonly #node: Node;
  readonly #closing: AbortSignal;
  readonly #line: BridgeStatusLine;
  /** Until the broker accepts everything; until a poll succeeds; until the next deploy. */
  readonly #reported = { broker: new WarnOnce(), nas: new WarnOnce(), bridge: new WarnOnce() };

  /** @param closing aborted when the node closes */
  constructor(RED: NodeAPI, node: Node, closing: AbortSignal) {
    this.#node = node;
    this.#closing = closing;
    this.#line = new BridgeStatusLine(RED, node);
    const logger = loggerOf(node);
    this.logger = { debug: (line) => logger.debug(line), fault: (error) => warnOfUnexpectedError(logger, error) };
  }

  /** Shows the status again after the error of a message has replaced it. */
  refresh(): void {
    this.#line.refresh();
  }

  /** The node cannot work with its settings. */
  reportSettings(error: DsmError): void {
    this.#node.status(errorStatus(error));
    this.#report(error, this.#reported.bridge);
  }

  /** @param error of the last poll; null if it succeeded */
  showNas(error: DsmError | null): void {
    this.#line.showNas(error);
    if (error === null) this.#reported.nas.reset();
    else if (ERRORS[error.code].retry === 'never') this.#report(error, this.#reported.nas, { subject: error.code });
  }

  /** @param brokerName name of the broker config node */
  showBridge(status: BridgeStatus, brokerName: string): void {
    this.#line.showBridge(status);
    if (status.is === 'published') this.#reported.broker.reset();
    if (status.is === 'standby') {
      const text = `Another bridge publishes this NAS on ${brokerName} already: remove one of the two, or give one another base topic and no discovery`;
      this.#report(new DsmError('ECONFIG', text), this.#reported.broker);
    }
    if (status.is === 'problem') this.#reportBrokerProblem(status.problem);
  }

  /** Logs and sends the outcome of a command. @param nas its id as in the topics of the bridge */
  sendOutcome(outcome: CommandOutcome, nas: { readonly nasId: string; readonly nasName: string }): void {
    loggerOf(this.#node).debug(commandLine(outcome.response, outcome.taskId));
    this.#node.send(outcomeMessage(outcome, nas));
  }

  /** Logs a warning. */
  warn(message: string): void {
    if (this.#reported.bridge.isFirst(message)) this.#node.warn(message);
  }

  /** Topics and ids stay the same, because automations depend on them; for another NAS the user may want others. */
  warnOfOtherNas(before: string | null, now: string | null): void {
    if (before === null || now === null || now === before) return;
    const text = `The NAS has another serial number (${now}) than before (${before}), and keeps its topics and ids: if it is another NAS, enter an id for it`;
    if (this.#reported.bridge.isFirst(text)) this.#node.warn(withNasName(text, nasNameFor(this.#node)));
  }

  #reportBrokerProblem({ kind, message }: ConnectionProblem): void {
    const code = BROKER_ERROR_CODES[kind];
    if (code !== undefined) this.#report(new DsmError(code, message), this.#reported.broker, { isAboutNas: false });
    else if (this.#reported.broker.isFirst(message)) this.#node.warn(message);
  }

  #report(error: DsmError, reported: WarnOnce, { subject = error.message, isAboutNas = true } = {}): void {
    if (!reported.isFirst(subject)) return;
    // The Catch nodes of a flow exist only after all of its nodes have been created.
    setImmediate(() => {
      if (this.#closing.aborted) return;
      this.#node.error(toNodeError(error, isAboutNas ? nasNameFor(this.#node) : null), {});
    });
  }
}

/** The message for the outcome of a command. */
function outcomeMessage(
  { topic, taskId, response }: CommandOutcome,
  { nasId, nasName }: { readonly nasId: string; readonly nasName: string },
): Message {
  const { action } = response;
  const isCall = action === 'backup' || action === 'cancel';
  const nas = { id: nasId, name: nasName, api: isCall ? TASK_API : null, method: isCall ? action : null };
  return { topic, payload: { ...response }, taskId, nas };
}
