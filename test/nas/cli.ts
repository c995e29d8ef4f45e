import { once } from 'node:events';
import { whenParentEnds } from '../../scripts/parent';
import { ACCOUNT, readCommandLine, USAGE } from './command-line';
import type { CommandLine } from './command-line';
import { startNas } from './index';
import type { Nas, ReceivedRequest } from './index';

const EXIT = { cannotListen: 1, wrongOptions: 2 } as const;

function greeting(nas: Nas, { options }: Extract<CommandLine, { kind: 'start' }>): string {
  const lines = [
    `Simulated NAS at ${nas.url}`,
    `  account      ${ACCOUNT.name} / ${ACCOUNT.password}`,
    ...(nas.certificate === null ? [] : [`  fingerprint  ${nas.certificate.fingerprint}`]),
    `  tasks        ${nas.state.tasks.length}`,
    `  speed        ${options.speed ?? 1} s of the NAS in one second`,
    'Ctrl-C ends it.',
  ];
  return lines.join('\n');
}

/** One line for each call: names only, since parameters may be secrets. */
function line({ at, verb, api, method, version, url }: ReceivedRequest): string {
  const time = new Date(at).toISOString().slice(11, 23);
  const what = api === '' ? (url.split('?')[0] ?? '') : `${api} ${method} v${version ?? '?'}`;
  return `${time}  ${verb.padEnd(4)}  ${what}`;
}

function explain(error: unknown, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Choose another one with --port, or 0 for any free one.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this user. Choose one above 1023 with --port.`;
  return `The simulated NAS could not start: ${error instanceof Error ? error.message : String(error)}`;
}

/** Resolves when the npm that runs this program has ended; never without npm. */
function npmEnds(): Promise<void> {
  return new Promise((resolve) => {
    if (process.env.npm_lifecycle_event === 'nas') whenParentEnds(resolve);
  });
}

/** `npm run nas`: the simulated NAS alone, until Ctrl-C. */
async function main(): Promise<void> {
  const wanted = readCommandLine(process.argv.slice(2));
  if (wanted.kind === 'help') {
    console.log(USAGE);
    return;
  }
  if (wanted.kind === 'wrong') {
    console.error(`${wanted.message}\n\n${USAGE}`);
    process.exitCode = EXIT.wrongOptions;
    return;
  }
  // Before the greeting is printed: its reader may send a signal at once.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), npmEnds()]);
  try {
    const onRequest = wanted.quiet ? undefined : (request: ReceivedRequest) => console.log(line(request));
    const nas = await startNas({ ...wanted.options, ...(onRequest === undefined ? {} : { onRequest }) });
    console.log(greeting(nas, wanted));
    await stopped;
    await nas.close();
  } catch (error) {
    console.error(explain(error, wanted.options.port ?? 0));
    process.exitCode = EXIT.cannotListen;
  }
}

void main();
