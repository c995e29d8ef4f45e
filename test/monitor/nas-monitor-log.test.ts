import { describe, expect, test } from 'vitest';
import { connect, createMonitor, run, startMonitored } from './support/connect';

const LOG = 'SYNO.ActiveBackup.Log';

const ON_LOG = { api: LOG, method: 'list_result' };

describe('a log that fails for a while', () => {
  test.each([
    ['breaks off', { do: 'reset-before' }],
    ['is busy', { do: 'refuse', code: 117 }],
    ['answers with a web page', { do: 'html' }],
  ] as const)('is requested again when it %s: no backup is lost', async (_name, fault) => {
    const { nas, monitor } = await startMonitored();
    const ids = [run(nas, 1), run(nas, 1, 'failed')];
    nas.state.deleteVersions(1);
    nas.fail({ on: ON_LOG, times: 4, ...fault });
    // The log is read twice per poll: for finished backups, and for the one that the deletion hides.
    expect(await monitor.poll()).toEqual([]);
    expect(await monitor.poll()).toEqual([]);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${ids[0]}`, `backup_failed ${ids[1]}`]);
  });

  test('delays the initial state at the first poll', async () => {
    const { nas, activeBackup } = await connect();
    run(nas, 1);
    run(nas, 1);
    nas.fail({ on: ON_LOG, times: 5, do: 'html' });
    const monitor = createMonitor(nas, activeBackup);
    for (let i = 0; i < 8; i += 1) expect(await monitor.poll()).toEqual([]);
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
  });

  test('for long is ignored, and its backups are reported when it answers again', async () => {
    const { nas, monitor } = await startMonitored();
    const undo = nas.fail({ on: ON_LOG, do: 'html' });
    const ids = [run(nas, 1), run(nas, 1, 'failed')];
    expect([await monitor.poll(), await monitor.poll()]).toEqual([[], []]);
    expect(await monitor.poll()).toEqual([`backup_failed ${ids[1]}`]);
    const requests = nas.received('list_result').length;
    for (let i = 0; i < 10; i += 1) expect(await monitor.poll()).toEqual([]);
    expect(nas.received('list_result')).toHaveLength(requests);
    nas.state.startRun(2);
    expect(await monitor.poll(60)).toContain(`backup_started ${nas.state.task(2).name}`);
    undo();
    expect(await monitor.poll(15 * 60)).toContain(`backup_succeeded ${ids[0]}`);
    expect((await monitor.poll(15 * 60)).filter((event) => /succeeded|failed/.test(event))).toEqual([]);
  });
});

describe.each([
  ['no Log API', { do: 'refuse', code: 102 }],
  ['a Log API of another version', { do: 'refuse', code: 104 }],
  ['a log that this account may not read', { do: 'refuse', code: 105 }],
] as const)('on a NAS with %s', (_name, fault) => {
  test('each backup is reported once from the last result of its task', async () => {
    const { nas, activeBackup } = await connect();
    nas.fail({ on: { api: LOG }, ...fault });
    const monitor = createMonitor(nas, activeBackup);
    expect(await monitor.poll()).toEqual([]);
    const ids = [run(nas, 1), run(nas, 2, 'failed')];
    expect(await monitor.poll()).toEqual([`backup_succeeded ${ids[0]}`, `backup_failed ${ids[1]}`]);
    expect(await monitor.poll()).toEqual([]);
    nas.state.startRun(3);
    expect(await monitor.poll(60)).toContain(`backup_started ${nas.state.task(3).name}`);
    nas.state.endRun(3, 'success');
    expect(await monitor.poll()).toEqual([`backup_succeeded ${nas.state.resultsOf(3).at(-1)?.id}`]);
  });
});
