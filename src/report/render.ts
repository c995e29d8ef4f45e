import { csvReport } from './csv';
import { htmlReport } from './html';
import { markdownReport } from './markdown';
import { OPENMETRICS_TYPE, openMetricsReport } from './openmetrics';
import type { ReportFormat, ReportLanguage } from '../settings/report-settings';
import { textReport } from './text';
import type { NasForReport, Report } from './types';

/** A report in one format, with its media type for an HTTP response. */
export interface RenderedReport {
  /** A text; the report itself in the format `data`. */
  readonly payload: string | Report;
  readonly contentType: string;
}

/** Writes a report in a format. @param sources what the report was built from: `openmetrics` has more values than the report */
export function renderReport(
  format: ReportFormat,
  report: Report,
  sources: readonly NasForReport[],
  { language, timeZone }: { readonly language: ReportLanguage; readonly timeZone: string },
): RenderedReport {
  switch (format) {
    case 'html':
      return { payload: htmlReport(report, language, timeZone), contentType: 'text/html; charset=utf-8' };
    case 'text':
      return { payload: textReport(report, language, timeZone), contentType: 'text/plain; charset=utf-8' };
    case 'markdown':
      return { payload: markdownReport(report, language, timeZone), contentType: 'text/markdown; charset=utf-8' };
    case 'csv':
      return { payload: csvReport(report), contentType: 'text/csv; charset=utf-8' };
    case 'openmetrics':
      return { payload: openMetricsReport(sources), contentType: OPENMETRICS_TYPE };
    case 'data':
      return { payload: report, contentType: 'application/json; charset=utf-8' };
  }
}
