import type { NodeAPI } from 'node-red';
import { DsmError } from '../../dsm/errors';
import { isJsonObject } from '../../dsm/json';
import { wordsIn } from '../../settings/event-settings';
import { writeReport, reportSettingsOf } from '../report';
import { ReportSources } from '../report-sources';

/** A report for the dialog. */
export interface ReportPreview {
  /** The text; a report in the format `data` as JSON. */
  text: string;
  headline: string;
}

/** Nobody aborts a preview. */
const NO_SIGNAL = new AbortController().signal;

/**
 * A report of the deployed NASes with the values of the dialog.
 * @param body `{nas, format, days, language}` @throws DsmError EPARAM, ECONFIG
 */
export async function previewReport(RED: NodeAPI, body: unknown): Promise<ReportPreview> {
  if (!isJsonObject(body)) throw new DsmError('EPARAM', 'These are no values of a report dialog');
  const settings = reportSettingsOf(body);
  const sources = new ReportSources(RED, wordsIn(body['nas']));
  try {
    const { payload, headline } = writeReport(RED, await sources.read(NO_SIGNAL), settings, new Date());
    return { text: typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2), headline };
  } finally {
    sources.close();
  }
}
