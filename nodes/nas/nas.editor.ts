import { shared } from '../../src/editor/form/texts';
import { firstOf, hasAccount, valid } from '../../src/editor/form/validators';
import { openNasForm, type NasForm } from '../../src/editor/nas/nas-form';
import { DEFAULT_ACCESS, NAS_NUMBERS, NAS_RULES } from '../../src/settings/nas-settings';

interface NasProperties {
  name: string;
  host: string;
  port: number | string;
  https: unknown;
  verifyCertificate: unknown;
  fingerprint: string;
  tls: string;
  access: unknown;
  pollInterval: number | string;
  activePollInterval: number | string;
  overdueHours: number | string;
  quietHours: string;
  timeout: number | string;
}

const numberProperty = (property: keyof typeof NAS_NUMBERS): EditorProperty => ({
  value: NAS_NUMBERS[property].default,
  label: shared(`nas.label.${property}`),
  validate: valid(NAS_RULES[property]),
});

let form: NasForm;

RED.nodes.registerType<NasProperties>('active-backup-nas', {
  category: 'config',
  color: '#B5C7D3',
  icon: 'active-backup-nas.svg',
  defaults: {
    name: { value: '' },
    host: { value: '', label: shared('nas.label.host'), validate: valid(NAS_RULES.host) },
    port: numberProperty('port'),
    https: { value: true },
    verifyCertificate: { value: true },
    fingerprint: { value: '', label: shared('nas.label.fingerprint'), validate: valid(NAS_RULES.fingerprint) },
    tls: { value: '', type: 'tls-config', required: false, label: shared('nas.label.tls') },
    // Node-RED validates no credentials after the dialog is closed, so the account is validated with the access level.
    access: {
      value: DEFAULT_ACCESS,
      label: shared('nas.label.access'),
      validate: firstOf(valid(NAS_RULES.access), hasAccount),
    },
    pollInterval: numberProperty('pollInterval'),
    activePollInterval: numberProperty('activePollInterval'),
    overdueHours: numberProperty('overdueHours'),
    quietHours: { value: '', label: shared('nas.label.quietHours'), validate: valid(NAS_RULES.quietHours) },
    timeout: numberProperty('timeout'),
  },
  credentials: {
    username: { type: 'text', required: true, label: shared('nas.label.username') },
    password: { type: 'password', required: true, label: shared('nas.label.password') },
    deviceId: { type: 'password' },
  },
  paletteLabel() {
    return this._('nas.paletteLabel');
  },
  label() {
    return this.name || this.host || this._('nas.paletteLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form = openNasForm(this);
  },
  oneditsave() {
    form.save();
    form.close();
  },
  oneditcancel() {
    form.close();
  },
  oneditdelete() {
    form.close();
  },
});
