import { createFormatter } from './format';
import { headlineOf } from './headline';
import { storageRows, taskRows } from './rows';
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
  const { made, due, percent } = report.compliance;
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
    `${texts.createdAt(format.time(report.at))} · ${texts.lastDays(report.days)}: ${texts.complianceOf(format.number(made), format.number(due), format.percent(percent))}`,
    ...section(texts.section.findings, findingLines(report, texts.noFindings)),
    ...section(texts.section.machines, machines),
    ...section(
      texts.section.tasks,
      taskRows(report, language, timeZone).map((row) => oneLine(row.join(' – '))),
    ),
    ...section(
      texts.section.storages,
      storageRows(report, language, timeZone).map((row) => oneLine(row.join(' – '))),
    ),
    '',
  ].join('\n');

  function findingLines({ findings }: Report, none: string): string[] {
    if (findings.length === 0) return [none];
    return findings.flatMap((finding) => [
      oneLine(`[${texts.severity[finding.severity]}] ${withNas(report, finding, finding.text)}`),
      `  ${finding.advice}`,
    ]);
  }
}

/** Names may contain line ends, which would forge lines of the report. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
