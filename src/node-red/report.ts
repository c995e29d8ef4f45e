import type { Node, NodeAPI, NodeDef } from 'node-red';
import { DsmError } from '../dsm/errors';
import { isJsonObject } from '../dsm/json';
import { readForeign } from '../active-backup/json-fields';
import { headlineOf } from '../report/headline';
import { renderReport } from '../report/render';
import { buildReport } from '../report/report';
import type { NasForReport, Report } from '../report/types';
import { wordsIn } from '../settings/event-settings';
import { FULL_WITHIN_DAYS } from '../settings/limits';
import { numberIn, Problem, type Rule } from '../settings/rules';
import {
  parseReportFormat,
  parseReportLanguage,
  REPORT_DAYS,
  type ReportFormat,
  type ReportLanguage,
} from '../settings/report-settings';
import { deepCopy, onInput, prepareMessage } from './input';
import { ReportSources } from './report-sources';
import { Properties } from './settings';
import { doneStatus, errorStatus, watchingStatus, WORKING } from './status';
import type { Message } from './types';

/** Properties of the report node (docs/interface.md §2.3). Imported flows and `${VAR}` may set other types. */
export interface ReportDef extends NodeDef {
  /** Ids of NAS nodes; none: all. */
  nas?: unknown;
  format?: unknown;
  days?: unknown;
  language?: unknown;
}

/** The options of one report. */
interface ReportSettings {
  readonly format: ReportFormat;
  readonly days: number;
  /** Null: that of the runtime. */
  readonly language: ReportLanguage | null;
}

/** The rules of the options. */
const RULES = { format: parseReportFormat, days: numberIn(REPORT_DAYS), language: parseReportLanguage } as const;

const LANGUAGE_KEY = 'node-red-contrib-synology-active-backup/report:report.language';

/** A report in its format, and the line about it. */
export interface WrittenReport {
  readonly payload: unknown;
  readonly contentType: string;
  readonly headline: string;
  readonly report: Report;
}

/** Sends a report for each message, and watches its NASes until the node closes. */
export function sendReports(RED: NodeAPI, node: Node, def: ReportDef): void {
  const sources = new ReportSources(RED, wordsIn(def.nas));
  // The NAS nodes of a flow are created before this node, but others may be deployed later.
  const update = (): void => void sources.update();
  RED.events.on('flows:started', update);
  node.on('close', (done: () => void) => {
    RED.events.off('flows:started', update);
    sources.close();
    done();
  });
  try {
    reportSettingsOf(def);
    update();
    node.status(watchingStatus(RED));
  } catch (error) {
    node.status(errorStatus(error));
  }
  onInput(node, async (msg, { send, signal }) => {
    const settings = withOverrides(reportSettingsOf(def), msg);
    node.status(WORKING);
    const known = await sources.read(signal);
    const written = writeReport(RED, known, settings, new Date());
    send(withReport(msg, known, written));
    const { machines, protected: good, unknown } = written.report.totals;
    node.status(doneStatus(new Date(), `${machines - good - unknown}/${machines}`));
  });
}

/** The options of the node. @throws DsmError ECONFIG naming the wrong property */
export function reportSettingsOf(def: object): ReportSettings {
  const properties = new Properties(def, 'report node');
  return {
    format: properties.parse('format', RULES.format),
    days: properties.parse('days', RULES.days),
    language: properties.parse('language', RULES.language),
  };
}

/** The options for one message. @throws DsmError EPARAM naming the wrong option */
function withOverrides(settings: ReportSettings, msg: Message): ReportSettings {
  const options = readForeign('msg.options', () => msg.options);
  if (options === undefined || options === null) return settings;
  if (!isJsonObject(options)) throw new DsmError('EPARAM', 'msg.options must be an object: {format, days, language}');
  const option = <T>(name: keyof typeof RULES, rule: Rule<T>, preset: T): T => {
    const value = options[name];
    if (value === undefined || value === null) return preset;
    const parsed = rule(value);
    if (!(parsed instanceof Problem)) return parsed;
    throw new DsmError('EPARAM', `msg.options.${name} ${parsed.reason}`);
  };
  return {
    format: option('format', RULES.format, settings.format),
    days: option('days', RULES.days, settings.days),
    language: option('language', RULES.language, settings.language),
  };
}

/** Builds and writes a report; times are in the time zone of Node-RED. */
export function writeReport(
  RED: NodeAPI,
  sources: readonly NasForReport[],
  { format, days, language: wanted }: ReportSettings,
  at: Date,
): WrittenReport {
  const language = wanted ?? runtimeLanguage(RED);
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const report = buildReport(sources, { at, days, language, timeZone, fullWithinDays: FULL_WITHIN_DAYS.default });
  return {
    ...renderReport(format, report, sources, { language, timeZone }),
    headline: headlineOf(report, language),
    report,
  };
}

/** The language of Node-RED's catalogues, which it does not offer as such. */
function runtimeLanguage(RED: NodeAPI): ReportLanguage {
  const language = parseReportLanguage(RED._(LANGUAGE_KEY));
  return language === null || language instanceof Problem ? 'en' : language;
}

/** The message with a report. `msg.nas` names its NASes; it has the id of the only one. */
function withReport(msg: Message, sources: readonly NasForReport[], written: WrittenReport): Message {
  const { payload, contentType, headline, report } = written;
  const [only, ...others] = sources.map(({ id }) => id);
  const id = others.length === 0 ? (only ?? null) : null;
  prepareMessage(msg, { id, name: sources.map(({ name }) => name).join(', '), api: null, method: null }, ['options']);
  msg.topic ||= headline;
  return Object.assign(msg, {
    payload: deepCopy(payload),
    report: deepCopy(report),
    headers: headersWith(msg.headers, contentType),
  });
}

/** Headers for an HTTP response. Those of an earlier response that describe its body are dropped. */
function headersWith(headers: unknown, contentType: string): Record<string, unknown> {
  const others = Object.entries(isJsonObject(headers) ? headers : {}).filter(
    ([name]) => !/^content-(type|length|encoding)$|^transfer-encoding$/i.test(name),
  );
  return { ...Object.fromEntries(others), 'content-type': contentType };
}
