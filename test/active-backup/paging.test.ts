import { expect, test } from 'vitest';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import { errorOf } from '../dsm/support';

/** A NAS that returns one row of a long list per page; each page takes `pageMs` by the clock of the test. */
function slowNas(pageMs: number, pages: number): { nas: ActiveBackup; requests: () => number } {
  let [clock, requests] = [0, 0];
  const call = (): Promise<never> => {
    clock += pageMs;
    requests += 1;
    const rows = [{ task_id: requests, device_id: requests, result_id: requests, job_action: 1 }];
    return Promise.resolve({ tasks: rows, devices: rows, results: rows, total: pages, count: pages } as never);
  };
  const time = { limitMs: 300_000, now: () => clock };
  return {
    nas: new ActiveBackup({ call, label: 'nas.lan', msSinceLastResponse: 0 }, 'read', time),
    requests: () => requests,
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
    const { nas, requests } = slowNas(29_000, 100);
    expect(await errorOf(read(nas))).toMatchObject({
      code: 'ERESPONSE',
      message: expect.stringMatching(/too slowly: it goes on after 300 seconds/) as string,
    });
    expect(requests()).toBe(11);
  },
);

test.each(READS)('neither one page nor ten pages are too slow: %s', async (_, read) => {
  expect(await read(slowNas(600_000, 1).nas)).toHaveLength(1);
  expect(await read(slowNas(30_000, 10).nas)).toHaveLength(10);
});
