import { createFormatter } from './format';
import { reportTexts } from './texts';
import type { ReportLanguage } from '../settings/report-settings';
import type { Report, ReportStorage } from './types';

/** A row in words: its name, with several NASes followed by the NAS, and `column: value` for each value that says something. */
export function described(
  report: Report,
  columns: readonly string[],
  row: readonly string[],
): { readonly name: string; readonly facts: readonly string[] } {
  const names = report.nas.length > 1 ? 2 : 1;
  const facts = row.flatMap((value, at) =>
    at < names || value === '–' || value === '0' ? [] : [`${columns[at] ?? ''}: ${value}`],
  );
  return { name: row.slice(0, names).join(' · '), facts };
}

/** Texts of one row per task: name, NAS (with several), last result, last success, next run. */
export function taskRows(report: Report, language: ReportLanguage, timeZone: string): string[][] {
  const { status } = reportTexts(language);
  const format = createFormatter(language, timeZone);
  return report.nas.flatMap(({ name: nas, tasks }) =>
    (tasks ?? []).map((task) => [
      task.name ?? `#${task.id ?? '?'}`,
      ...(report.nas.length > 1 ? [nas] : []),
      status[task.lastResult?.status ?? 'none'] ?? task.lastResult?.status ?? '',
      format.time(task.lastSuccessAt),
      format.time(task.nextRunAt),
    ]),
  );
}

/** Titles of the columns of {@link taskRows}. */
export function taskColumns(report: Report, language: ReportLanguage): string[] {
  const { column } = reportTexts(language);
  const nas = report.nas.length > 1 ? [column.nas] : [];
  return [column.task, ...nas, column.lastResult, column.lastSuccess, column.nextRun];
}

/** Texts of one row per storage: name, NAS (with several), used of total, free, growth, date of being full. */
export function storageRows(report: Report, language: ReportLanguage, timeZone: string): string[][] {
  const texts = reportTexts(language);
  const format = createFormatter(language, timeZone);
  const row = (storage: ReportStorage, nas: string): string[] => {
    const { usedBytes = null, totalBytes = null, freeBytes = null, usedPercent = null } = storage.volume ?? {};
    const growth = storage.growthBytesPerDay ?? null;
    return [
      storage.shareName ?? storage.volumePath ?? '?',
      ...(report.nas.length > 1 ? [nas] : []),
      `${texts.usedOf(format.bytes(usedBytes), format.bytes(totalBytes))} (${format.percent(usedPercent)})`,
      format.bytes(freeBytes),
      growth === null ? '–' : texts.perDay(format.bytes(growth)),
      format.date(storage.fullAt ?? null),
    ];
  };
  return report.nas.flatMap(({ name: nas, storages }) => (storages ?? []).map((storage) => row(storage, nas)));
}

/** Titles of the columns of {@link storageRows}. */
export function storageColumns(report: Report, language: ReportLanguage): string[] {
  const { column } = reportTexts(language);
  const nas = report.nas.length > 1 ? [column.nas] : [];
  return [column.storage, ...nas, column.used, column.free, column.growth, column.fullAt];
}

/** Texts of one row per machine: name, NAS (with several), state, last success, expected by, failures in a row. */
export function machineRows(report: Report, language: ReportLanguage, timeZone: string): string[][] {
  const texts = reportTexts(language);
  const format = createFormatter(language, timeZone);
  return report.devices.map(({ nas, device, protection, lastSuccessAt, expectedBy, failuresInRow }) => [
    device.name ?? `#${device.id ?? '?'}`,
    ...(report.nas.length > 1 ? [nas.name] : []),
    texts.protection[protection],
    format.time(lastSuccessAt),
    format.time(expectedBy),
    failuresInRow === null ? '–' : format.number(failuresInRow),
  ]);
}

/** Titles of the columns of {@link machineRows}. */
export function machineColumns(report: Report, language: ReportLanguage): string[] {
  const { column } = reportTexts(language);
  const nas = report.nas.length > 1 ? [column.nas] : [];
  return [column.machine, ...nas, column.state, column.lastSuccess, column.expectedBy, column.failures];
}
