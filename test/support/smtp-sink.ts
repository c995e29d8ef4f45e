import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { listen } from '../../scripts/demo/listen';

/** A mail that an {@link SmtpSink} has accepted. */
interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header and body as they were sent. */
  readonly text: string;
}

/** A mail server that keeps what it accepts. */
export interface SmtpSink {
  readonly port: number;
  readonly messages: readonly Mail[];
  close(): void;
}

/** What a session answers to a command; null: nothing yet. */
type Answer = (line: string) => string | null;

/**
 * Starts a mail server (RFC 5321, without TLS) on a free port.
 * @param account the only one that may send, by AUTH PLAIN (RFC 4616)
 */
export async function startSmtpSink(account: { user: string; password: string }): Promise<SmtpSink> {
  const messages: Mail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    const answer = session(account, (mail) => messages.push(mail));
    socket.write('220 sink ESMTP\r\n');
    createInterface(socket).on('line', (line) => {
      const reply = answer(line);
      if (reply !== null) socket.write(`${reply}\r\n`);
    });
  });
  const port = await listen(server, 'PORT', 0);
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, messages, close };
}

function session(account: { user: string; password: string }, accept: (mail: Mail) => void): Answer {
  const token = Buffer.from(`\0${account.user}\0${account.password}`).toString('base64');
  const addressIn = (line: string): string => /<(.*?)>/.exec(line)?.[1] ?? '';
  let isKnown = false;
  let from = '';
  let to: string[] = [];
  let content: string[] | null = null;
  const commands: Readonly<Record<string, Answer>> = {
    EHLO: () => '250-sink\r\n250 AUTH PLAIN',
    AUTH: (line) => {
      isKnown = line === `AUTH PLAIN ${token}`;
      return isKnown ? '235 accepted' : '535 wrong account';
    },
    MAIL: (line) => {
      from = addressIn(line);
      to = [];
      return isKnown ? '250 ok' : '530 sign in first';
    },
    RCPT: (line) => {
      to.push(addressIn(line));
      return '250 ok';
    },
    DATA: () => {
      content = [];
      return '354 go on';
    },
    QUIT: () => '221 bye',
  };
  return (line) => {
    if (content === null) return commands[line.slice(0, 4).toUpperCase()]?.(line) ?? '502 unknown command';
    if (line !== '.') {
      content.push(line.replace(/^\./, ''));
      return null;
    }
    accept({ from, to, text: content.join('\n') });
    content = null;
    return '250 accepted';
  };
}
