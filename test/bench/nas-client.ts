import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { NasOptions } from '../nas';

/** The simulated NASes of one process. */
export interface NasProcessOptions extends Pick<NasOptions, 'tasks' | 'devices' | 'seed'> {
  readonly count: number;
}

/** What a bench changes at a simulated NAS, or reads from it. */
export type NasCommand =
  /** Connects or disconnects the first device of a task: one row of the task list changes. */
  | { readonly do: 'setOnline'; readonly taskId: number; readonly online: boolean }
  /** Lets a backup of so many tasks begin and end: of the first ones that can be started. */
  | { readonly do: 'run'; readonly count: number }
  /** Counts the messages of a broker from now on. */
  | { readonly do: 'subscribe'; readonly broker: string }
  /** Starts to record requests and messages. */
  | { readonly do: 'forget' }
  /** Reads the requests and counts the messages since `forget`. */
  | { readonly do: 'received' };

/** Reply to `received`; null to every other command. */
export type NasReply = null | {
  /** `atNs`: nanoseconds of `process.hrtime`, which all processes of a machine share. */
  readonly arrivals: readonly { readonly method: string; readonly atNs: string }[];
  /** The same requests: path and form. */
  readonly forms: readonly Form[];
  /** Messages of all topics since `subscribe`. */
  readonly messages: number;
};

/** A request as sent. */
export interface Form {
  readonly path: string;
  readonly body: string;
}

/** Simulated NASes in another process. */
export interface NasProcess {
  readonly urls: readonly string[];
  /** URL of the first. */
  readonly url: string;
  /** @param of index of the NAS */
  send(command: NasCommand, of?: number): Promise<NasReply>;
  /** Requests that arrive while `work` runs. */
  received(work: () => Promise<void>, of?: number): Promise<NonNullable<NasReply>>;
  close(): Promise<void>;
}

/** Starts a process of simulated NASes. @param script the compiled `nas-process.ts` */
export async function startNasProcess(script: string, options: Partial<NasProcessOptions> = {}): Promise<NasProcess> {
  const child = fork(script, [JSON.stringify({ count: 1, ...options })], { execArgv: [] });
  const urls = await nextMessage<readonly string[]>();
  async function nextMessage<T>(): Promise<T> {
    const [message] = (await once(child, 'message')) as [T];
    return message;
  }
  let previous: Promise<unknown> = Promise.resolve();
  const send = (command: NasCommand, of = 0): Promise<NasReply> => {
    const reply = previous.then(() => {
      child.send({ command, of });
      return nextMessage<NasReply>();
    });
    previous = reply;
    return reply;
  };
  return {
    urls,
    url: urls[0] ?? '',
    send,
    received: async (work, of) => {
      await send({ do: 'forget' }, of);
      await work();
      return (await send({ do: 'received' }, of)) ?? { arrivals: [], forms: [], messages: 0 };
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
