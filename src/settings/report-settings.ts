import { oneOf, trimmedText, type NumberRange, type Rule } from './rules';

/** Formats of a report (docs/interface.md §2.3). */
export const REPORT_FORMATS = ['html', 'text', 'markdown', 'csv', 'openmetrics', 'data'] as const;

/** One of {@link REPORT_FORMATS}. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Languages that reports are written in. */
export const REPORT_LANGUAGES = ['en', 'de'] as const;

/** One of {@link REPORT_LANGUAGES}. */
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

/** The days of a report, today included. */
export const REPORT_DAYS = { default: 30, min: 7, max: 90, whole: true } as const satisfies NumberRange;

/** A format; a missing one is `html`. */
export const parseReportFormat: Rule<ReportFormat> = oneOf(REPORT_FORMATS, 'html');

/** A language; a missing one is null: the language of the runtime. */
export const parseReportLanguage: Rule<ReportLanguage | null> = (value) =>
  trimmedText(value) === '' ? null : oneOf(REPORT_LANGUAGES, 'en')(value);
