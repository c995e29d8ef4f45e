import { expect, test } from 'vitest';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import { errorOf } from '../dsm/support';

/** A NAS that answers one row of a long list each time, and takes so long for it by the clock of the test. */
function slowNas(pageMs: number, pages: number): { nas: ActiveBackup; asked: () => number } {
  let [clock, asked] = [0, 0];
  const call = (): Promise<never> => {
    clock += pageMs;
    asked += 1;
    const rows = [{ task_id: asked, device_id: asked, result_id: asked, job_action: 1 }];
    return Promise.resolve({ tasks: rows, devices: rows, results: rows, total: pages, count: pages } as never);
  };
  const time = { limitMs: 300_000, now: () => clock };
  return {
    nas: new ActiveBackup({ call, label: 'nas.lan', msSinceLastResponse: 0 }, 'read', time),
    asked: () => asked,
  };
}

const READS: [string, (nas: ActiveBackup) => Promise<readonly unknown[]>][] = [
  ['tasks', (nas) => nas.listTasks()],
  ['devices', (nas) => nas.devices()],
  ['versions', (nas) => nas.versions()],
  ['the log', (nas) => nas.backupsSince(new Date(0))],
];

test.each(READS)(
  'pages that take longer together than ten requests may are ERESPONSE, in words: %s',
  async (_, read) => {
    const { nas, asked } = slowNas(29_000, 100);
    expect(await errorOf(read(nas))).toMatchObject({
      code: 'ERESPONSE',
      message: expect.stringMatching(/too slowly: it goes on after 300 seconds/) as string,
    });
    expect(asked()).toBe(11);
  },
);

test.each(READS)('one page is never too slow, nor are ten: %s', async (_, read) => {
  expect(await read(slowNas(600_000, 1).nas)).toHaveLength(1);
  expect(await read(slowNas(30_000, 10).nas)).toHaveLength(10);
});
