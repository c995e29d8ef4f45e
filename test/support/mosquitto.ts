import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificate } from '../nas/certificate';
import { freePort } from './free-port';
import { startProgram, type Program } from './program';
import { tempDir } from './temp-dir';

export interface MosquittoOptions {
  /** Whether retained messages survive a restart of the broker, also after a kill (default false). */
  readonly persistence?: boolean;
  /** Accounts that may connect; default: anonymous clients may. */
  readonly accounts?: readonly { readonly name: string; readonly password: string }[];
  /** Lines of an ACL file, as in Mosquitto's manual; only with accounts. */
  readonly acl?: readonly string[];
  /** With a self-signed certificate for 127.0.0.1 and localhost. */
  readonly tls?: boolean;
  /** Further lines of the configuration, such as `max_inflight_messages 5`; `DIR` stands for {@link Mosquitto.folder}. */
  readonly config?: readonly string[];
  /** Further files of its folder: name → text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A real Mosquitto on a port of loopback. */
export interface Mosquitto {
  /** `mqtt://127.0.0.1:…`, or `mqtts`. */
  readonly url: string;
  readonly port: number;
  /** Certificate of the server as PEM; null without TLS. */
  readonly certificate: string | null;
  readonly folder: string;
  /** Its log since its last start. */
  readonly log: string;
  /** Resolves with the match as soon as its log since the last start has one. */
  logged(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it in good order: it disconnects its clients and publishes no last will. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after {@link stop} or {@link kill}. */
  start(): Promise<void>;
  /** Ends it and deletes its folder; may be called twice. */
  close(): Promise<void>;
}

/** Another program may be given the free port before Mosquitto takes it. */
const PORT_ATTEMPTS = 3;

/** Starts Mosquitto. @param path of the program, as given by `describeWith('mosquitto', …)` */
export async function startMosquitto(path: string, options: MosquittoOptions = {}): Promise<Mosquitto> {
  const { path: folder, remove } = await tempDir('mosquitto');
  const certificate = options.tls ? await createCertificate() : null;
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  if (certificate) {
    write('certificate.pem', certificate.certificate.pem);
    write('key.pem', certificate.key);
  }
  if (options.accounts) write('passwords', options.accounts.map(passwordLine).join(''));
  if (options.acl) write('acl', lines(options.acl));
  for (const [name, text] of Object.entries(options.files ?? {})) write(name, text);

  let port = 0;
  let program: Program | null = null;
  const start = async (): Promise<void> => {
    write('mosquitto.conf', lines(configuration(port, folder, options)));
    // startProgram runs any program, Node only by default.
    program = startProgram(['-c', join(folder, 'mosquitto.conf')], { cwd: folder, node: path });
    await program.printed(/mosquitto version \S+ running/);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = program;
    program = null;
    await running?.end(signal);
  };

  for (let attempt = 1; ; attempt += 1) {
    port = await freePort();
    try {
      await start();
      break;
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || !String(error).includes('in use')) throw error;
    }
  }
  const runningProgram = (): Program => {
    if (program === null) throw new Error('Mosquitto does not run');
    return program;
  };
  return {
    url: `${options.tls ? 'mqtts' : 'mqtt'}://127.0.0.1:${port}`,
    port,
    certificate: certificate?.certificate.pem ?? null,
    folder,
    get log() {
      return program?.output ?? '';
    },
    logged: (pattern) => runningProgram().printed(pattern),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    start,
    close: async () => {
      await end('SIGTERM');
      await remove();
    },
  };
}

function configuration(port: number, folder: string, options: MosquittoOptions): string[] {
  return [
    // Before the listener: these apply to the whole broker.
    'log_dest stderr',
    'log_type all',
    'sys_interval 0',
    // Started by root, Mosquitto would change to a user that may not read the folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    ...(options.persistence
      ? ['persistence true', `persistence_location ${folder}/`, 'autosave_on_changes true', 'autosave_interval 1']
      : ['persistence false']),
    ...(options.config ?? []).map((line) => line.replaceAll('DIR', folder)),
    `listener ${port} 127.0.0.1`,
    ...(options.tls ? [`certfile ${folder}/certificate.pem`, `keyfile ${folder}/key.pem`] : []),
    ...(options.accounts ? ['allow_anonymous false', `password_file ${folder}/passwords`] : ['allow_anonymous true']),
    ...(options.acl ? [`acl_file ${folder}/acl`] : []),
  ];
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

const ITERATIONS = 101;

/** A line of a password file as `mosquitto_passwd` writes it: PBKDF2 with SHA-512. */
function passwordLine({ name, password }: { name: string; password: string }): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, ITERATIONS, 64, 'sha512');
  return `${name}:$7$${ITERATIONS}$${salt.toString('base64')}$${hash.toString('base64')}\n`;
}
