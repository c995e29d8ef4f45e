import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileStateStore } from '../../src/monitor/monitor-state';
import { tempDir } from '../support/temp-dir';
import { connect, createMonitor, run, startMonitored } from './support/connect';

const HOUR = 3600;

describe('the NAS', () => {
  test('is offline after two failed polls, and online again with the length of the outage', async () => {
    const { nas, monitor } = await startMonitored();
    const undo = nas.fail({ do: 'reset-before' });
    expect(await monitor.poll(60)).toEqual([]);
    const from = new Date(nas.clock.now() * 1000).toISOString();
    expect(await monitor.poll(60)).toEqual(['nas_offline']);
    expect(monitor.events[0]?.at).toBe(from);
    expect(await monitor.poll(60)).toEqual([]);
    const id = run(nas, 1);
    undo();
    expect(await monitor.poll(60)).toEqual(['nas_online', `backup_succeeded ${id}`]);
    expect(monitor.events[0]).toMatchObject({ outageSeconds: 240, late: false });
    expect(await monitor.poll(60)).toEqual([]);
  });

  test('is not offline after one failed poll', async () => {
    const { nas, monitor } = await startMonitored();
    for (let i = 0; i < 3; i += 1) {
      nas.fail({ times: 1, do: 'html' });
      expect([await monitor.poll(), await monitor.poll()]).toEqual([[], []]);
    }
  });

  test('is offline too while it rejects the login, or Active Backup does not run', async () => {
    const { nas, monitor } = await startMonitored();
    nas.state.packageRunning = false;
    expect([await monitor.poll(), await monitor.poll()]).toEqual([[], ['nas_offline']]);
    nas.state.packageRunning = true;
    expect(await monitor.poll()).toEqual(['nas_online']);
  });

  test('that is offline when Node-RED first starts is reported', async () => {
    const { nas, activeBackup } = await connect();
    const undo = nas.fail({ do: 'reset-before' });
    const monitor = createMonitor(nas, activeBackup);
    expect([await monitor.poll(), await monitor.poll(), await monitor.poll()]).toEqual([[], ['nas_offline'], []]);
    undo();
    expect(await monitor.poll()).toEqual(['nas_online']);
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
  });

  test('stays offline over a restart of Node-RED, and is reported once', async () => {
    const { nas, monitor } = await startMonitored();
    const undo = nas.fail({ do: 'reset-before' });
    expect([await monitor.poll(60), await monitor.poll(60)]).toEqual([[], ['nas_offline']]);
    monitor.restart();
    expect([await monitor.poll(60), await monitor.poll(60), await monitor.poll(60)]).toEqual([[], [], []]);
    undo();
    expect(await monitor.poll(60)).toEqual(['nas_online']);
    expect(monitor.events[0]?.outageSeconds).toBe(300);
  });

  test('counts failed polls from zero after a restart', async () => {
    const { nas, monitor } = await startMonitored();
    const undo = nas.fail({ do: 'reset-before' });
    expect(await monitor.poll()).toEqual([]);
    monitor.restart();
    expect(await monitor.poll()).toEqual([]);
    undo();
    expect(await monitor.poll()).toEqual([]);
  });

  test('that restarts ends its runs as failed', async () => {
    const { nas, monitor } = await startMonitored({ runSeconds: HOUR });
    nas.state.startRun(1);
    await monitor.poll(60);
    nas.restart();
    const { id } = nas.state.resultsOf(1).at(-1)!;
    const reported = [...(await monitor.poll()), ...(await monitor.poll()), ...(await monitor.poll())];
    expect(reported).toContain(`backup_failed ${id}`);
    expect(reported.filter((event) => event.includes(String(id)))).toHaveLength(1);
  });

  test('loses the session without an event', async () => {
    const { nas, monitor } = await startMonitored();
    nas.dropSessions();
    const id = run(nas, 1);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
    expect(nas.received('login')).toHaveLength(2);
  });

  test('at another address is another one: its earlier backups are not reported', async () => {
    const { path, remove } = await tempDir('feed');
    onTestFinished(remove);
    const file = join(path, 'nas.json');
    const warn = (message: string): never => {
      throw new Error(message);
    };
    await startMonitored({}, { store: new FileStateStore(file, warn) });
    const other = await connect({ seed: 2, tasks: 7 });
    for (const { id } of other.nas.state.tasks) other.nas.state.setOnline(id, true);
    for (const id of [1, 2, 3]) run(other.nas, id);
    const monitor = createMonitor(other.nas, other.activeBackup, { store: new FileStateStore(file, warn) });
    expect([await monitor.poll(), await monitor.poll()]).toEqual([[], []]);
    const id = run(other.nas, 7);
    expect(await monitor.poll()).toEqual([`backup_succeeded ${id}`]);
  });
});
