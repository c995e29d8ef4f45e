import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandValidator } from '../../src/bridge/command-validator';
import { parseCommandTopic, topicsOf } from '../../src/home-assistant/topics';
import { COMMAND_LIMITS } from '../../src/settings/limits';
import { json, LIMIT_MS, mutated, OPTIONS } from './support';

const TOPICS = topicsOf('active-backup', 'nas1');
const NOW = Date.parse('2026-10-01T12:00:00Z');
const VALID = { action: 'backup', id: 'a', ts: NOW, ttl: 30 };
const ACTIONS = new Set(['backup', 'cancel', 'refresh']);

const topic = fc.oneof(
  fc.constantFrom(TOPICS.task(42).command, TOPICS.command),
  fc.string().map((level) => `${TOPICS.root}/task/${level}/command`),
  fc.string({ unit: 'binary' }),
);
const payload = fc.oneof(
  mutated(VALID).map((value) => Buffer.from(JSON.stringify(value))),
  json.map((value) => Buffer.from(JSON.stringify(value))),
  fc.constantFrom('backup', 'cancel', ' cancel\n', 'refresh').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
);

test(
  'whatever is sent to a command topic is a valid command of a known action, or rejected with a reason',
  () => {
    const received = fc.record({ topic, payload, retain: fc.boolean(), seconds: fc.integer({ min: -100, max: 100 }) });
    const sequence = fc.array(received, { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(sequence, (messages) => {
        const validator = new CommandValidator();
        let accepted = 0;
        for (const { seconds, ...message } of messages) {
          const target = parseCommandTopic(TOPICS, message.topic);
          if (target === null) continue;
          const request = { ...message, responseTopic: null, correlationData: null };
          const command = validator.validate(request, target, NOW + seconds * 1000);
          if ('reason' in command) continue;
          accepted += 1;
          expect(message.retain).toBe(false);
          expect(message.payload.length).toBeLessThanOrEqual(COMMAND_LIMITS.maxBytes);
          expect(ACTIONS).toContain(command.action);
          if (command.taskId !== null) expect(Number.isSafeInteger(command.taskId) && command.taskId > 0).toBe(true);
        }
        // Times jump within four minutes at most.
        expect(accepted).toBeLessThanOrEqual(4 * COMMAND_LIMITS.maxPerMinute);
      }),
      OPTIONS,
    );
  },
  LIMIT_MS,
);
