import { headlineOf } from '../report/headline';
import { openMetricsReport } from '../report/openmetrics';
import { renderReport } from '../report/render';
import { buildReport } from '../report/report';
import { oneLine } from '../report/text';
import type { NasForReport, Report } from '../report/types';
import { FULL_WITHIN_DAYS } from '../settings/limits';
import {
  parseReportFormat,
  parseReportLanguage,
  REPORT_DAYS,
  type ReportFormat,
  type ReportLanguage,
} from '../settings/report-settings';
import { numberIn, Problem, type Rule } from '../settings/rules';
import { UsageError, type CommandOptions } from './arguments';
import { CHECK_EXIT, EXIT, type CommandContext } from './context';

/** `active-backup report`: a report in a format; with `--check` one line for a monitoring plug-in. */
export async function report({ nas, options, signal, print, warn }: CommandContext): Promise<number> {
  const language = option(options, 'language', parseReportLanguage) ?? 'en';
  const days = option(options, 'days', numberIn(REPORT_DAYS));
  const format = formatOf(options);
  const known = await nas.readForReport(signal);
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const about = { language, timeZone };
  const built = buildReport([known], { at: new Date(), days, fullWithinDays: FULL_WITHIN_DAYS.default, ...about });
  if (options.check === true) return check(built, known, language, print);
  const { payload } = renderReport(format, built, [known], about);
  print(typeof payload === 'string' ? payload : `${JSON.stringify(payload, null, 2)}\n`);
  return exitCodeFor(known, warn);
}

/** `active-backup metrics`: the NAS in the OpenMetrics format; `active_backup_nas_up 0` where it does not answer. */
export async function metrics({ nas, signal, print, warn }: CommandContext): Promise<number> {
  const known = await nas.readForReport(signal);
  print(openMetricsReport([known]));
  return exitCodeFor(known, warn);
}

/** What is known of a NAS that does not answer is printed nevertheless. */
function exitCodeFor({ error }: NasForReport, warn: (line: string) => void): number {
  if (error === null) return EXIT.success;
  warn(error);
  return EXIT.unreachable;
}

/** Prints the line of a monitoring plug-in, with its performance data, and one line for each finding. @returns its exit code */
function check(built: Report, known: NasForReport, language: ReportLanguage, print: (text: string) => void): number {
  const plain = (text: string): string => oneLine(text).replaceAll('|', '/');
  if (known.error !== null) {
    print(`ACTIVE BACKUP UNKNOWN - ${plain(known.error)}\n`);
    return CHECK_EXIT.UNKNOWN;
  }
  const severities = new Set(built.findings.map(({ severity }) => severity));
  const word = severities.has('error') ? 'CRITICAL' : severities.has('warning') ? 'WARNING' : 'OK';
  const data = Object.entries(built.totals).map(([name, count]) => `${name}=${count}`);
  const first = `ACTIVE BACKUP ${word} - ${plain(headlineOf(built, language))} | ${data.join(' ')}`;
  print([first, ...built.findings.map(({ severity, text }) => plain(`[${severity}] ${text}`)), ''].join('\n'));
  return CHECK_EXIT[word];
}

function formatOf(options: CommandOptions): ReportFormat {
  if (options.json === true) return 'data';
  return options.format === undefined ? 'text' : option(options, 'format', parseReportFormat);
}

/** @throws UsageError */
function option<T>(options: CommandOptions, name: 'format' | 'days' | 'language', rule: Rule<T>): T {
  const value = rule(options[name]);
  if (!(value instanceof Problem)) return value;
  throw new UsageError(`--${name} ${value.reason}`);
}
