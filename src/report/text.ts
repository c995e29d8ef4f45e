import { createFormatter, type Formatter } from './format';
import { headlineOf } from './headline';
import { described, storageColumns, storageRows, taskColumns, taskRows } from './rows';
import type { ReportTexts } from './text-types';
import { reportTexts } from './texts';
import type { ReportLanguage } from '../settings/report-settings';
import type { Finding, Report } from './types';

/** The name of the NAS before a text, as soon as there are several. */
export function withNas(report: Report, { nas }: Pick<Finding, 'nas'>, text: string): string {
  return report.nas.length > 1 ? `${nas.name}: ${text}` : text;
}

/** The report as plain text for a message: findings first, one line per machine, task and storage. */
export function textReport(report: Report, language: ReportLanguage, timeZone: string): string {
  const texts = reportTexts(language);
  const format = createFormatter(language, timeZone);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', title, '-'.repeat(title.length), ...lines];
  const machines = report.devices.map(({ nas, device, protection, lastSuccessAt }) =>
    withNas(
      report,
      { nas },
      `${oneLine(device.name ?? '?')} – ${texts.protection[protection]} – ${texts.column.lastSuccess}: ${format.time(lastSuccessAt)}`,
    ),
  );
  return [
    headlineOf(report, language),
    [texts.createdAt(format.time(report.at)), ...complianceText(report, texts, format)].join(' · '),
    ...section(texts.section.findings, findingLines(report, withoutFindings(report, texts))),
    ...section(texts.section.machines, machines),
    ...section(
      texts.section.tasks,
      taskRows(report, language, timeZone).map((row) => line(taskColumns(report, language), row)),
    ),
    ...section(
      texts.section.storages,
      storageRows(report, language, timeZone).map((row) => line(storageColumns(report, language), row)),
    ),
    '',
  ].join('\n');

  function line(columns: readonly string[], row: readonly string[]): string {
    const { name, facts } = described(report, columns, row);
    return oneLine([name, ...facts].join(' – '));
  }

  function findingLines({ findings }: Report, none: string): string[] {
    if (findings.length === 0) return [none];
    return findings.flatMap((finding) => [
      oneLine(`[${texts.severity[finding.severity]}] ${withNas(report, finding, finding.text)}`),
      `  ${finding.advice}`,
    ]);
  }
}

/** What stands in place of the findings of a report without any. */
export function withoutFindings({ nas, totals }: Report, texts: ReportTexts): string {
  return totals.machines === 0 && nas.every(({ tasks }) => tasks !== null) ? texts.noTasks : texts.noFindings;
}

/** The share of due backups that were made; nothing where none was due. */
export function complianceText({ compliance, days }: Report, texts: ReportTexts, format: Formatter): string[] {
  const { made, due, percent } = compliance;
  if (percent === null) return [];
  const share = texts.complianceOf(format.number(made), format.number(due), format.percent(percent));
  return [`${texts.lastDays(days)}: ${share}`];
}

/** Names may contain line ends, which would forge lines of the report. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
