import { createFormatter } from './format';
import { headlineOf } from './headline';
import { described, machineColumns, machineRows, storageColumns, storageRows } from './rows';
import { complianceText, oneLine, withNas, withoutFindings } from './text';
import { reportTexts } from './texts';
import type { ReportLanguage } from '../settings/report-settings';
import type { Report, FindingSeverity } from './types';

const SIGNS = { error: '🔴', warning: '🟠', info: '🔵' } as const satisfies Record<FindingSeverity, string>;
/** Chats cut long messages; the rest is counted. */
const MAX_MACHINES = 25;

/**
 * The report as Markdown for a chat (Teams, Telegram, ntfy, Discord): findings, then the machines that need attention, then storages.
 * Lists rather than tables, which most chats do not show.
 */
export function markdownReport(report: Report, language: ReportLanguage, timeZone: string): string {
  const texts = reportTexts(language);
  const format = createFormatter(language, timeZone);
  const findings = report.findings.map(
    (finding) =>
      `- ${SIGNS[finding.severity]} **${escapeMarkdown(withNas(report, finding, finding.text))}**  \n  ${escapeMarkdown(finding.advice)}`,
  );
  const isGood = new Set(report.devices.flatMap(({ protection }, index) => (protection === 'protected' ? index : [])));
  const bad = machineRows(report, language, timeZone).filter((_row, index) => !isGood.has(index));
  const shown = bad.slice(0, MAX_MACHINES);
  return [
    `### ${escapeMarkdown(headlineOf(report, language))}`,
    ...complianceText(report, texts, format).flatMap((text) => ['', escapeMarkdown(text)]),
    ...section(
      texts.section.findings,
      findings.length === 0 ? [escapeMarkdown(withoutFindings(report, texts))] : findings,
    ),
    ...section(texts.section.machines, [
      ...shown.map((row) => listed(report, machineColumns(report, language), row)),
      ...(bad.length > shown.length ? [`- ${texts.more(bad.length - shown.length)}`] : []),
    ]),
    ...section(
      texts.section.storages,
      storageRows(report, language, timeZone).map((row) => listed(report, storageColumns(report, language), row)),
    ),
    '',
    `_${escapeMarkdown(texts.createdAt(format.time(report.at)))}_`,
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `**${title}**`, '', ...lines];
}

/** `- **PC-7** – State: late – Last success: …`; the first column, with several NASes the first two, are the name. */
function listed(report: Report, columns: readonly string[], row: readonly string[]): string {
  const { name, facts } = described(report, columns, row);
  return ['- **' + escapeMarkdown(name) + '**', ...facts.map(escapeMarkdown)].join(' – ');
}

/** Names may contain any character; none of them formats, links or mentions anything. */
function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]<>#|~]/g, '\\$&')
    .replace(/@/g, '@\u200b')
    .replace(/^([-+]|\d+\.)(?=\s)/, '\\$1');
}
