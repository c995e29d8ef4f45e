import { PASSWORD } from '../home';
import type { Step } from './step';

/** Node-RED logs that NAS or broker were unavailable, which they were. */
const EXPECTED_IN_NODE_RED = /unreachable|no answer|not reach|connect|broker|NAS/i;

/** Checks of all logs and messages. */
export const END: readonly Step[] = [
  {
    name: 'no warning of Home Assistant about what came over MQTT',
    run: ({ ha }) => {
      const problems = ha.problems();
      if (problems.length > 0) throw new Error(problems.join('\n'));
      return Promise.resolve(undefined);
    },
  },
  {
    name: 'no password and no session of the NAS in any message',
    run: ({ spy, nas }) => {
      const sids = new Set(nas.requests.flatMap(({ sid }) => (sid === null ? [] : [sid])));
      if (sids.size === 0) throw new Error('The NAS has seen no session, so that none could be searched for');
      const secrets = [PASSWORD, ...sids];
      const found = spy.messages.filter(({ topic, payload }) =>
        secrets.some((secret) => topic.includes(secret) || payload.includes(secret)),
      );
      if (found.length > 0) throw new Error(found.map(({ topic }) => topic).join('\n'));
      return Promise.resolve(`${spy.messages.length} messages`);
    },
  },
  {
    name: 'no error in the log of Node-RED except about unavailable peers',
    run: ({ home }) => {
      const lines = home.log.split('\n').filter((line) => /\[(?:error|warn)\]|Uncaught|Unhandled/.test(line));
      const odd = lines.filter((line) => !EXPECTED_IN_NODE_RED.test(line));
      if (odd.length > 0) throw new Error(odd.join('\n'));
      return Promise.resolve(lines.length === 0 ? undefined : `it logged:\n    ${lines.join('\n    ')}`);
    },
  },
];
