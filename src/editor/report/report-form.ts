import { wordsIn } from '../../settings/event-settings';
import { REPORT_DAYS, REPORT_FORMATS, REPORT_LANGUAGES } from '../../settings/report-settings';
import { createElement, query, whileDisabled } from '../form/dom';
import { checkboxGroup, saveNumbers, selectField, showNumbers } from '../form/fields';
import { headline, line, openPanel, type Panel } from '../form/result-panel';
import { shared, type Text } from '../form/texts';
import { createLatestRequest, helpFor, requestAdmin } from '../http/admin-client';

/** Properties that Node-RED cannot read by itself. */
interface ReportFields {
  nas?: unknown;
  format?: unknown;
  days?: unknown;
  language?: unknown;
}

/** The dialog of the report node. */
export interface ReportForm {
  /** Stores the properties that Node-RED does not store by itself. */
  save(): void;
  /** Aborts a running request. */
  close(): void;
}

const NUMBERS = { days: REPORT_DAYS };
/** The language of the runtime, in the select. */
const OF_RUNTIME = 'runtime';
/** Several NASes whose disks sleep answer after 20 s, and an unreachable one after 45. */
const TIMEOUT_MS = 60_000;

/** Opens the dialog of the report node. */
export function openReportForm(node: ReportFields, text: Text): ReportForm {
  const names = nasNames();
  const group = query('#active-backup-report-nas', HTMLElement);
  const saved = wordsIn(node.nas);
  const readNas = checkboxGroup(group, [...names.keys()], saved, (id) => names.get(id) ?? id);
  const readFormat = selectField(query('#active-backup-report-format', HTMLSelectElement), REPORT_FORMATS, {
    saved: node.format,
    preset: 'html',
    label: (word) => text(`report.format.${word}`),
  });
  const languages = query('#active-backup-report-language', HTMLSelectElement);
  const readLanguage = selectField(languages, [OF_RUNTIME, ...REPORT_LANGUAGES], {
    saved: node.language,
    preset: OF_RUNTIME,
    label: (word) => text(`report.languages.${word}`),
  });
  showNumbers(NUMBERS, 'node-input');
  const values = (): ReportFields => {
    const language = readLanguage();
    return {
      nas: saved.length === 0 && wordsIn(readNas()).length === 0 ? (node.nas ?? []) : readNas(),
      format: readFormat(),
      language: language === OF_RUNTIME ? '' : language,
    };
  };
  const close = openPreview(() => ({ ...values(), days: query('#node-input-days', HTMLInputElement).value }), text);
  return {
    save() {
      Object.assign(node, values());
      saveNumbers(node, NUMBERS, 'node-input');
    },
    close,
  };
}

/** The names of the NAS nodes by their ids. */
function nasNames(): Map<string, string> {
  const names = new Map<string, string>();
  RED.nodes.eachConfig((node) => {
    if (node.type === 'active-backup-nas') names.set(node.id, RED.utils.getNodeLabel(node, node.id));
    return undefined;
  });
  return names;
}

/** Starts the button that shows the report of the deployed NASes. @returns aborts a running request */
function openPreview(values: () => ReportFields, text: Text): () => void {
  const button = query('#active-backup-report-preview', HTMLButtonElement);
  const panel = openPanel(query('#active-backup-report-panel', HTMLElement));
  const request = createLatestRequest();
  const preview = async (): Promise<void> => {
    const signal = request.begin();
    panel.showBusy(text('report.preview.asking'));
    const body = values();
    const response = await requestAdmin<{ text: string; headline: string }>('report/preview', {
      body,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (signal.aborted) return;
    if (response.ok) showReport(panel, body.format === 'html', response.result, text);
    else showFailure(panel, helpFor(response.error));
  };
  button.addEventListener('click', () => void whileDisabled(button, preview));
  return () => request.abort();
}

/** Names in the report come from the NAS: the page is shown without scripts, forms and the rights of the editor. */
function showReport(panel: Panel, isPage: boolean, report: { text: string; headline: string }, text: Text): void {
  const label = { 'aria-label': text('report.preview.label') };
  const view = isPage
    ? createElement('iframe', { ...label, class: 'active-backup-report-page', sandbox: '', srcdoc: report.text })
    : createElement(
        'textarea',
        { ...label, class: 'active-backup-report-text', readonly: '', rows: '16' },
        report.text,
      );
  panel.show('plain', [headline('plain', report.headline)], [view]);
}

function showFailure(panel: Panel, help: ReturnType<typeof helpFor>): void {
  const advice = help.advice === undefined ? [] : [line(shared(help.advice))];
  panel.show('bad', [headline('bad', shared(help.headline)), ...advice]);
}
