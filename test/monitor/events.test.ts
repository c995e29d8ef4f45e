import { expect, test } from 'vitest';
import { eventLine, type NasEvent } from '../../src/monitor/events';

test('an event is logged with ids, without names', () => {
  const event = {
    ...{ event: 'backup_failed', at: '', late: true },
    ...{ task: { id: 3, name: 'planted' }, result: { id: 17, status: 'failed', reason: 'planted' } },
  } as unknown as NasEvent;
  expect(eventLine(event)).toBe('Event backup_failed: task 3, result 17, failed, late');
  expect(eventLine({ event: 'nas_offline', at: '', late: false })).toBe('Event nas_offline');
});
