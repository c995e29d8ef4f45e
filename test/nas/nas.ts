import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PACKAGE_APIS } from './apis/index';
import { systemApis } from './apis/system';
import { createCertificate, type Certificate } from './certificate';
import { createClock, type Clock } from './clock';
import { createWorld } from './data/world';
import type { ApiContext } from './dispatch';
import { applyFault, Faults, type Fault } from './faults';
import { listen, LOOPBACK, type HttpServer } from './http-server';
import type { Api } from './method';
import { defaults, type NasOptions, type ResolvedOptions } from './options';
import { errorPage, send, type Reply } from './reply';
import { readRequest, type ReceivedRequest } from './requests';
import { interruptRuns, advanceRuns } from './runs';
import { Sessions } from './sessions';
import { SignIn } from './sign-in';
import { NasState } from './state';
import { answerRequest } from './web';
import type { World } from './world';

/** A simulated NAS that is listening. */
export interface Nas {
  /** Base address: `http://127.0.0.1:34567`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Null on plain HTTP. */
  readonly certificate: Certificate | null;
  /** Every request in order, including those with a fault. */
  readonly requests: readonly ReceivedRequest[];
  /** The requests for a method, of one API or of any. */
  received(method: string, api?: string): ReceivedRequest[];
  /** Number of open sessions. */
  readonly sessions: number;
  /** Ends all sessions; calls with an old sid get `code`, 119 unless given. */
  dropSessions(code?: number): void;
  /** Injects a fault. @returns a function that removes it */
  fail(fault: Fault): () => void;
  /** Tasks, devices, results …, to read and to change. */
  readonly state: NasState;
  /** The clock of the NAS: epoch seconds. */
  readonly clock: Clock;
  /** Overrides the client address of requests; null: the true address. */
  seenAddress: string | null;
  /** Blocks the client's address, as Auto Block does after too many failures. */
  blockClient(): void;
  /** Unblocks every address and account. */
  unblock(): void;
  /** Revokes all device tokens: the next login of a 2-factor account needs a code again. */
  revokeDeviceTokens(): void;
  /**
   * Presents a new certificate instead of {@link certificate}, as after a renewal, or as a machine in between does; closes every
   * connection. Only with https. @returns a function that puts the first one back and closes every connection again
   */
  replaceCertificate(): Promise<() => void>;
  /** Counts up from 1 with every restart. */
  readonly bootId: number;
  /**
   * Ends sessions, runs and connections, as a reboot does. For `downMs` of real time (default 0) every connection is closed.
   * Old sids then get `code`, 119 unless given.
   */
  restart(options?: { downMs?: number; code?: number }): void;
  /** Ends every connection at once and frees the port. Idempotent. */
  close(): Promise<void>;
}

/** Starts a simulated NAS. Rejects with Node's own error (`EADDRINUSE` …) when it cannot listen. */
export async function startNas(options: NasOptions = {}): Promise<Nas> {
  const resolved: ResolvedOptions = { ...defaults(), ...withoutUndefined(options) };
  const tls = resolved.https ? await createCertificate() : null;
  const nas = new SimulatedNas(resolved, tls?.certificate ?? null);
  await nas.listen(tls?.key ?? null);
  return nas;
}

class SimulatedNas implements Nas {
  readonly host = LOOPBACK;
  readonly requests: ReceivedRequest[] = [];
  readonly state: NasState;
  readonly clock: Clock;
  seenAddress: string | null = null;
  bootId = 1;
  readonly #world: World;
  readonly #sessions: Sessions;
  readonly #signIn: SignIn;
  readonly #apiContext: ApiContext;
  readonly #faults = new Faults();
  readonly #closing = new AbortController();
  #server: HttpServer | null = null;
  #key: string | null = null;

  constructor(
    private readonly options: ResolvedOptions,
    readonly certificate: Certificate | null,
  ) {
    this.clock = createClock(options.now, options.speed);
    this.#world = createWorld(options, this.clock.now());
    this.state = new NasState(this.#world, () => this.#advance());
    this.#sessions = new Sessions({
      idleMinutes: options.sessionIdleMinutes,
      onePerAccount: options.oneSessionPerAccount,
    });
    this.#signIn = new SignIn(options.accounts, options);
    this.#apiContext = createApiContext(this.#world, this.#sessions, this.#signIn, options);
  }

  /** @param key private key of the certificate; null on plain HTTP */
  async listen(key: string | null): Promise<void> {
    this.#key = key;
    this.#server = await listen(this.options.port, this.#tls(), (request, response, connection) =>
      this.#handle(request, response, connection),
    );
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get url(): string {
    return `${this.options.https ? 'https' : 'http'}://${this.host}:${this.port}${this.options.basePath}`;
  }

  get sessions(): number {
    return this.#sessions.count(this.clock.now());
  }

  received(method: string, api?: string): ReceivedRequest[] {
    return this.requests.filter((each) => each.method === method && (api === undefined || each.api === api));
  }

  dropSessions(code?: number): void {
    this.#sessions.endAll(code);
  }

  fail(fault: Fault): () => void {
    return this.#faults.add(fault);
  }

  blockClient(): void {
    this.#signIn.blockAddress(this.seenAddress ?? this.host, this.clock.now());
  }

  unblock(): void {
    this.#signIn.unblock();
  }

  revokeDeviceTokens(): void {
    this.#signIn.revokeDeviceTokens();
  }

  async replaceCertificate(): Promise<() => void> {
    const own = this.#tls();
    if (own === null) throw new Error('a simulated NAS without https has no certificate');
    const { certificate, key } = await createCertificate();
    this.#server?.present({ key, cert: certificate.pem });
    return () => this.#server?.present(own);
  }

  restart({ downMs = 0, code }: { downMs?: number; code?: number } = {}): void {
    this.bootId += 1;
    this.#sessions.endAll(code);
    this.#advance();
    interruptRuns(this.#world);
    this.#server?.interrupt(downMs);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#server?.close();
  }

  #tls(): { key: string; cert: string } | null {
    return this.#key === null || this.certificate === null ? null : { key: this.#key, cert: this.certificate.pem };
  }

  #advance(): void {
    advanceRuns(this.#world, this.clock.now());
  }

  async #handle(message: IncomingMessage, response: ServerResponse, connection: number): Promise<void> {
    const request = await readRequest(message, this.options.now(), connection);
    if (request === null) {
      send(response, errorPage(413));
      return;
    }
    this.requests.push(request);
    this.options.onRequest(request);
    const answer = (): Reply => this.#answer(request, message);
    const fault = this.#faults.match(request);
    if (fault === null) {
      send(response, answer());
      return;
    }
    const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal: this.#closing.signal });
    await applyFault(fault, { response, url: request.url, answer, wait });
  }

  #answer(request: ReceivedRequest, message: IncomingMessage): Reply {
    this.#advance();
    const address = this.seenAddress ?? (message.socket.remoteAddress ?? this.host).replace(/^::ffff:/, '');
    const reply = answerRequest(this.#apiContext, request, { basePath: this.options.basePath, address });
    this.options.onReply(request, reply);
    return reply;
  }
}

/** The APIs of the NAS. Those of the package are absent while `packageRunning` is false. */
function createApiContext(world: World, sessions: Sessions, signIn: SignIn, options: ResolvedOptions): ApiContext {
  const context: ApiContext = { world, sessions, apis: () => (world.packageRunning ? all : system) };
  const system = adjusted(systemApis(context, signIn, options.now), options);
  const all = { ...system, ...adjusted(PACKAGE_APIS, options) };
  return context;
}

function adjusted(apis: Readonly<Record<string, Api>>, options: ResolvedOptions): Record<string, Api> {
  const adjust = ([name, api]: [string, Api]): [string, Api] => [
    name,
    {
      ...api,
      minVersion: options.minVersion[name] ?? api.minVersion,
      maxVersion: options.maxVersion[name] ?? api.maxVersion,
      path: options.paths[name] ?? api.path,
    },
  ];
  return Object.fromEntries(Object.entries(apis).map(adjust));
}

/** Drops undefined options, so that `{ port: undefined }` means the default. */
function withoutUndefined(options: NasOptions): NasOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
