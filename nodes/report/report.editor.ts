import { textsOf } from '../../src/editor/form/texts';
import { valid } from '../../src/editor/form/validators';
import { openReportForm, type ReportForm } from '../../src/editor/report/report-form';
import { numberIn } from '../../src/settings/rules';
import { parseReportFormat, parseReportLanguage, REPORT_DAYS } from '../../src/settings/report-settings';

interface ReportProperties {
  name: string;
  nas: unknown;
  format: unknown;
  days: number | string;
  language: unknown;
}

const text = textsOf('report');
let form: ReportForm | null = null;

RED.nodes.registerType<ReportProperties>('active-backup-report', {
  category: 'synology',
  color: '#B9D6B0',
  icon: 'active-backup-report.svg',
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: { value: [] },
    format: { value: 'html', label: text('report.label.format'), validate: valid(parseReportFormat) },
    days: { value: REPORT_DAYS.default, label: text('report.label.days'), validate: valid(numberIn(REPORT_DAYS)) },
    language: { value: '', label: text('report.label.language'), validate: valid(parseReportLanguage) },
  },
  paletteLabel() {
    return this._('report.paletteLabel');
  },
  inputLabels() {
    return this._('report.port.input');
  },
  outputLabels() {
    return this._('report.port.output');
  },
  label() {
    return this.name || this._('report.nodeLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form = openReportForm(this, text);
  },
  oneditsave() {
    form?.save();
    form?.close();
  },
  oneditcancel() {
    form?.close();
  },
});
