import { expect, test } from 'vitest';
import { buildReport } from '../../src/report/report';
import { failing, late, nas, OPTIONS, protectionOf } from './sources';

test('compliance counts the days on which a backup was due', () => {
  const source = nas([
    protectionOf(1, 'A', { days: ['success', 'off', 'failed', 'partial', 'none', 'success'] }),
    protectionOf(2, 'B', { days: ['success', 'success', 'success'] }),
  ]);
  const { compliance, nas: listed } = buildReport([source], OPTIONS);
  expect(compliance).toEqual({ made: 5, due: 8, percent: 62.5 });
  expect(listed[0]?.compliance).toEqual(compliance);
});

test('today counts only when it has an outcome: the day is not over', () => {
  const source = nas([protectionOf(1, 'A', { days: ['success', 'none'] })]);
  expect(buildReport([source], OPTIONS).compliance).toEqual({ made: 1, due: 1, percent: 100 });
});

test('compliance is 100 only when all backups were made', () => {
  const days = Array.from({ length: 90 }, () => 'success' as const);
  const many = Array.from({ length: 99 }, (_, index) => protectionOf(index + 1, `PC-${index}`, { days }));
  const source = nas([...many, protectionOf(100, 'PC-100', { days: [...days.slice(0, 88), 'failed', 'success'] })]);
  expect(buildReport([source], { ...OPTIONS, days: 90 }).compliance).toEqual({ made: 8999, due: 9000, percent: 99.9 });
});

test('only the days of the report count, and nothing is due without any', () => {
  const source = nas([
    protectionOf(1, 'A', { days: ['failed', 'failed', ...Array.from({ length: 7 }, () => 'success' as const)] }),
  ]);
  const report = buildReport([source], { ...OPTIONS, days: 7 });
  expect(report.compliance.percent).toBe(100);
  expect(report.devices[0]?.days).toHaveLength(7);
  expect(buildReport([nas([])], OPTIONS).compliance).toEqual({ made: 0, due: 0, percent: null });
});

test('the machines that need attention come first', () => {
  const source = nas([
    protectionOf(1, 'B'),
    protectionOf(2, 'A'),
    protectionOf(3, 'U', { protection: 'unknown' }),
    late(4, 'L', true),
    failing(5, 'F', null),
  ]);
  expect(buildReport([source], OPTIONS).devices.map(({ device }) => device.name)).toEqual(['F', 'L', 'U', 'A', 'B']);
});

test('machines of several NASes with the same ids are different machines', () => {
  const report = buildReport(
    [nas([protectionOf(1, 'A')]), nas([protectionOf(1, 'A')], { id: 'b', name: 'B' })],
    OPTIONS,
  );
  expect(report.devices.map((each) => each.nas.id).sort()).toEqual(['2340sim1', 'b']);
  expect(report.totals.machines).toBe(2);
});

test('two NAS nodes with one NAS do not get the machines and findings of each other', () => {
  const source = () => nas([failing(1, 'A', 'disk full'), protectionOf(2, 'B', { days: ['success'] })]);
  const { nas: alone, findings } = buildReport([source()], OPTIONS);
  const both = buildReport([source(), source()], OPTIONS);
  expect(both.nas.map(({ compliance }) => compliance)).toEqual([alone[0]?.compliance, alone[0]?.compliance]);
  expect(both.findings).toEqual([...findings, ...findings]);
});
