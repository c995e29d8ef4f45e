import { Agent } from 'node:http';
import axios from 'axios';
import type { Form } from './nas-client';

/** The least that a client of a NAS can do: axios, a connection that is kept, and JSON.parse. */
export interface Floor {
  /** Sends the forms one after the other. @returns the texts of the responses, as sent by the NAS */
  readonly texts: (forms: readonly Form[]) => Promise<string[]>;
  /** The same, and parses each response. */
  readonly parsed: (forms: readonly Form[]) => Promise<unknown[]>;
  readonly close: () => void;
}

/** @param url of the NAS */
export function createFloor(url: string): Floor {
  const httpAgent = new Agent({ keepAlive: true });
  const options = { httpAgent, proxy: false, responseType: 'text', transformResponse: (text: string) => text } as const;
  const post = async ({ path, body }: Form): Promise<string> =>
    (await axios.post<string>(new URL(path, url).href, body, options)).data;
  const texts = async (forms: readonly Form[]): Promise<string[]> => {
    const all: string[] = [];
    for (const form of forms) all.push(await post(form));
    return all;
  };
  return {
    texts,
    parsed: async (forms) => {
      const all: unknown[] = [];
      for (const form of forms) all.push(JSON.parse(await post(form)));
      return all;
    },
    close: () => {
      httpAgent.destroy();
    },
  };
}
