import { reportTexts } from './texts';
import type { ReportLanguage } from '../settings/report-settings';
import type { Report } from './types';

/**
 * One line about the report: `2 of 41 machines need attention`. It says that all are protected only when every NAS answers and the
 * protection of every machine is known.
 */
export function headlineOf(report: Report, language: ReportLanguage): string {
  const { headline } = reportTexts(language);
  const { machines, protected: good, unknown } = report.totals;
  const attention = machines - good - unknown;
  const away = report.nas.filter(({ online }) => !online).map(({ name }) => name);
  const parts = [
    ...(away.length === 0 ? [] : [headline.unreachable(away.join(', '))]),
    ...(attention > 0 ? [headline.attention(attention, machines)] : []),
    ...(unknown > 0 ? [headline.unknown(unknown, machines)] : []),
  ];
  if (machines === 0) parts.push(headline.noMachines);
  else if (parts.length === 0) parts.push(headline.allProtected(machines));
  const others = report.findings.filter(
    ({ severity, device, kind }) => severity !== 'info' && device === null && OTHERS.has(kind),
  ).length;
  if (attention === 0 && others > 0) parts.push(headline.findings(others));
  return parts.join(' · ');
}

/** Findings that the counts of machines and NASes do not contain. */
const OTHERS: ReadonlySet<string> = new Set([
  'task_failing',
  'task_overdue',
  'storage_full',
  'storage_low',
  'storage_filling',
  'task_partial',
]);
