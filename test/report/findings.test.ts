import { describe, expect, test } from 'vitest';
import { buildReport } from '../../src/report/report';
import { headlineOf } from '../../src/report/headline';
import type { NasForReport } from '../../src/report/types';
import { daysAgo, device, failing, late, nas, OPTIONS, protectionOf, storage, taskOf } from './sources';

const findingsOf = (...sources: NasForReport[]) => buildReport(sources, OPTIONS).findings;
const linesOf = (...sources: NasForReport[]) =>
  findingsOf(...sources).map(({ severity, kind, text }) => `${severity} ${kind}: ${text}`);

const FULL_DISK = 'no space left on the NAS';

test('when all is well there is nothing to do', () => {
  const source = nas([protectionOf(1, 'PC-1'), protectionOf(2, 'PC-2')]);
  expect(findingsOf(source)).toEqual([]);
  expect(headlineOf(buildReport([source], OPTIONS), 'en')).toBe('All 2 machines are protected');
});

test('of 40 machines of a task one fails: one finding, about that machine', () => {
  const machines = Array.from({ length: 40 }, (_, index) =>
    index === 6
      ? failing(7, 'PC-7', 'Windows shadow copy (VSS) failed', { taskIds: [1] })
      : protectionOf(index + 1, `PC-${index + 1}`, { taskIds: [1] }),
  );
  const task = taskOf(
    1,
    'All PCs',
    machines.map((each) => each.device),
    {},
  );
  const source = nas(machines, { tasks: [{ ...task, failing: true }] });
  expect(findingsOf(source)).toEqual([
    expect.objectContaining({
      severity: 'error',
      kind: 'devices_failing',
      device: { id: 7, name: 'PC-7' },
      text: 'PC-7: the last 3 backups failed: Windows shadow copy (VSS) failed',
    }),
  ]);
  const report = buildReport([source], OPTIONS);
  expect(report.totals).toMatchObject({ machines: 40, protected: 39, failing: 1 });
  expect(headlineOf(report, 'en')).toBe('1 of 40 machines needs attention');
});

test('reasons that differ in the name of their machine alone are one finding, which names the cause', () => {
  const machines = ['SRV-SOUTH', 'SRV-NORTH'].map((name, index) =>
    failing(index + 1, name, `backup failed: ${name} (Windows shadow copy (VSS) failed)`),
  );
  const other = failing(3, 'PC-7', 'backup failed: PC-70 (disk full)');
  const { findings } = buildReport([nas([...machines, other])], OPTIONS);
  expect(findings.map(({ text }) => text)).toEqual([
    'Backups of 2 machines fail: Windows shadow copy (VSS) failed (SRV-NORTH, SRV-SOUTH)',
    expect.stringMatching(/^PC-7: the last.* failed: backup failed: PC-70 \(disk full\)$/),
  ]);
});

test('a fault that hits many machines for one reason is one finding', () => {
  const machines = Array.from({ length: 9 }, (_, index) => failing(index + 1, `PC-${index + 1}`, FULL_DISK));
  expect(linesOf(nas(machines))).toEqual([
    `error devices_failing: Backups of 9 machines fail: ${FULL_DISK} (PC-1, PC-2, PC-3 and 6 more)`,
  ]);
});

test('different reasons are different findings, the one with more machines first', () => {
  const lines = linesOf(
    nas([failing(1, 'PC-1', 'offline'), failing(2, 'PC-2', FULL_DISK), failing(3, 'PC-3', FULL_DISK)]),
  );
  expect(lines).toEqual([
    `error devices_failing: Backups of 2 machines fail: ${FULL_DISK} (PC-2, PC-3)`,
    'error devices_failing: PC-1: the last 3 backups failed: offline',
  ]);
});

test('machines that fail without a known reason are grouped by their task', () => {
  const lines = linesOf(
    nas([
      failing(1, 'PC-1', null, { taskIds: [1] }),
      failing(2, 'PC-2', null, { taskIds: [2] }),
      failing(3, 'PC-3', null, { taskIds: [2] }),
    ]),
  );
  expect(lines).toHaveLength(2);
});

test('the reason of a task with several machines counts for the one that it names', () => {
  const machines = [failing(1, 'SRV-1', null, { taskIds: [1] }), failing(2, 'SRV-2', null, { taskIds: [1] })];
  const task = taskOf(
    1,
    'Servers',
    machines.map((each) => each.device),
  );
  const lastResult = { reason: 'backup failed: SRV-2 (VSS failed), and 1 more' } as never;
  expect(linesOf(nas(machines, { tasks: [{ ...task, task: { ...task.task, lastResult } }] }))).toEqual([
    'error devices_failing: SRV-1: the last 3 backups failed',
    'error devices_failing: SRV-2: the last 3 backups failed: backup failed: SRV-2 (VSS failed), and 1 more',
  ]);
});

test('a late machine is a finding with its habit, and advice for its state', () => {
  const [away, silent] = findingsOf(nas([late(1, 'CHEN-X1', false), late(2, 'FRONT-02', true)]));
  expect(away?.text).toBe('CHEN-X1 is late by its own habit (usually every 26 h; last success Fri 20 Nov, 18:10)');
  expect(away?.advice).toContain('switch it on');
  expect(silent?.advice).toContain('the agent on the machine');
});

test('an overdue task is a finding unless one of its machines explains it', () => {
  const overdue = (own: ReturnType<typeof protectionOf>) =>
    findingsOf(nas([own], { tasks: [taskOf(1, 'Front office', [own.device], { overdue: true })] })).map(
      ({ kind }) => kind,
    );
  expect(overdue(protectionOf(1, 'FRONT-02'))).toEqual(['task_overdue']);
  expect(overdue(late(1, 'FRONT-02', true))).toEqual(['device_late']);
});

test('many machines that are late alike are one finding', () => {
  const machines = Array.from({ length: 5 }, (_, index) => late(index + 1, `PC-${index + 1}`, true));
  expect(linesOf(nas(machines))).toEqual([
    'error device_late: 5 machines are late by their own habit (PC-1, PC-2, PC-3 and 2 more)',
  ]);
});

test('a NAS that does not answer is one finding: its machines are not called late', () => {
  const source = nas([late(1, 'PC-1', true), protectionOf(2, 'PC-2')], { online: false, error: 'no connection' });
  const report = buildReport([source, nas([protectionOf(1, 'PC-1')], { id: 'b', name: 'Branch NAS' })], OPTIONS);
  expect(report.findings.map(({ kind }) => kind)).toEqual(['nas_unreachable']);
  expect(headlineOf(report, 'en')).toContain('No data from Office NAS');
});

test('a NAS that never answered is unreachable, and nothing is said about its machines', () => {
  const source = nas(null, { snapshot: null, error: 'no route to the host' });
  const report = buildReport([source], OPTIONS);
  expect(report.nas).toMatchObject([{ online: false, tasks: null, storages: null, compliance: { percent: null } }]);
  expect(headlineOf(report, 'en')).toBe('No data from Office NAS · No machine is known');
});

describe('without outcomes per machine', () => {
  const machine = device(1, 'PC-1');
  const unknown = (given: Parameters<typeof nas>[1] = {}) => {
    const source = nas(null, given);
    return { ...source, snapshot: source.snapshot && { ...source.snapshot, devices: [machine] } };
  };

  test('machines are unknown, never protected, and a note says so', () => {
    const report = buildReport([unknown({ tasks: [taskOf(1, 'Task', [machine])] })], OPTIONS);
    expect(report.totals).toMatchObject({ machines: 1, protected: 0, unknown: 1 });
    expect(report.findings).toMatchObject([{ severity: 'info', kind: 'outcomes_unknown' }]);
    expect(headlineOf(report, 'en')).toBe('1 of 1 machines: protection unknown');
  });

  test('the tasks are judged as a whole', () => {
    const bad = { ...taskOf(1, 'Mail', [machine]), failing: true };
    const overdue = taskOf(2, 'Files', [machine], { overdue: true, lastSuccessAt: daysAgo(9) });
    expect(linesOf(unknown({ tasks: [bad, overdue] }))).toEqual([
      'error task_failing: Mail: the last backup failed',
      'error task_overdue: Files is overdue (last success Thu 19 Nov, 07:00)',
      'info outcomes_unknown: The outcomes of 1 machine are unknown',
    ]);
  });
});

test.each([
  [storage({}, 99.5), 'error storage_full: ActiveBackupforBusiness is full: 50 GB (0.5 %) free'],
  [
    storage({ fullAt: daysAgo(-3) }, 80),
    'error storage_full: ActiveBackupforBusiness will be full on 1 Dec 2026: 2 TB (20 %) free',
  ],
  [storage({}, 95), 'warning storage_low: ActiveBackupforBusiness is low on space: 500 GB (5 %) free'],
  [
    storage({ fullAt: daysAgo(-20) }, 80),
    'warning storage_filling: ActiveBackupforBusiness will be full on 18 Dec 2026: 2 TB (20 %) free',
  ],
  [storage({ fullAt: daysAgo(-300) }, 80), null],
  [storage({ volume: null }), null],
])('storage %#: %s', (given, line) => {
  expect(linesOf(nas([protectionOf(1, 'PC-1')], { storages: [given] }))).toEqual(line === null ? [] : [line]);
});

test('two storages on one volume are one finding', () => {
  const storages = [storage({}, 95), storage({ id: 2, shareName: 'Second' }, 95)];
  expect(findingsOf(nas([protectionOf(1, 'PC-1')], { storages }))).toHaveLength(1);
});

test('machines without a task and without a success are warnings, after the errors', () => {
  const kinds = findingsOf(
    nas([
      protectionOf(1, 'NEW', { protection: 'never', lastSuccessAt: null }),
      protectionOf(2, 'KIOSK', { protection: 'unprotected', taskIds: [] }),
      protectionOf(3, 'LOBBY', { protection: 'unprotected', taskIds: [] }),
      failing(4, 'PC-4', 'offline'),
    ]),
  ).map(({ kind, text }) => `${kind}: ${text}`);
  expect(kinds).toEqual([
    'devices_failing: PC-4: the last 3 backups failed: offline',
    'device_never: NEW has a task but no successful backup yet',
    'device_unprotected: 2 machines have no backup task (KIOSK, LOBBY)',
  ]);
});

test('a partial backup is a warning, unless a failing machine of the task explains it', () => {
  const partial = (own: ReturnType<typeof protectionOf>) =>
    findingsOf(
      nas([own], {
        tasks: [
          {
            ...taskOf(1, 'Ledger', [own.device]),
            recent: [{ status: 'partial', reason: 'open.mdb' } as never],
          },
        ],
      }),
    ).map(({ kind }) => kind);
  expect(partial(protectionOf(1, 'SRV-1'))).toEqual(['task_partial']);
  expect(partial(failing(1, 'SRV-1', 'offline'))).toEqual(['devices_failing']);
});

test('an unusual backup is a note with its factor and likely meaning', () => {
  const unusual = { kind: 'larger', factor: 7, value: 7e9, usual: 1e9 } as const;
  const [finding] = findingsOf(nas([protectionOf(1, 'RENDER-01', { unusual })]));
  expect(finding).toMatchObject({
    severity: 'info',
    kind: 'backup_unusual',
    text: 'RENDER-01: the last backup had 7 × its usual size',
    advice: expect.stringContaining('malware') as string,
  });
});

test.each(['en', 'de'] as const)('all findings have text and advice in %s', (language) => {
  const source = nas([failing(1, 'A', 'x'), late(2, 'B', false), protectionOf(3, 'C', { protection: 'never' })], {
    storages: [storage({}, 95)],
  });
  const { findings } = buildReport([source], { ...OPTIONS, language });
  expect(findings.length).toBeGreaterThan(3);
  for (const { text, advice } of findings) {
    expect(text).not.toMatch(/undefined|null|NaN/);
    expect(advice.length).toBeGreaterThan(10);
  }
});
