import { expect, test } from 'vitest';
import { DeliveryLog } from '../../src/mqtt/logger';
import { BrokerRefusedError, SessionLostError } from '../../src/mqtt/types';
import { recordingLogger } from '../support/recording-logger';

test('messages of one turn of the event loop are counted in one line', async () => {
  const log = recordingLogger();
  const deliveries = new DeliveryLog(log);
  const refusal = new BrokerRefusedError('publish', ['planted'], 'planted');
  const deliveriesOfOneTurn = [
    Promise.resolve(),
    Promise.resolve(),
    Promise.reject(refusal),
    Promise.reject(new SessionLostError()),
  ];
  for (const delivery of deliveriesOfOneTurn) deliveries.add(delivery);
  await Promise.allSettled(deliveriesOfOneTurn);
  deliveries.add(Promise.resolve());
  await new Promise(setImmediate);
  expect(log.lines).toEqual(['MQTT: 4 published, 2 acknowledged, 1 refused', 'MQTT: 1 published, 1 acknowledged']);
});
