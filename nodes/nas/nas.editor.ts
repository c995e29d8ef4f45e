import { openNasForm, type NasForm } from '../../src/editor/nas/nas-form';
import { NAS_NUMBERS } from '../../src/editor/nas/nas-numbers';
import { NAS_CHECKS } from '../../src/editor/nas/nas-values';
import { shared } from '../../src/editor/form/texts';
import { firstOf, hasAccount, valid } from '../../src/editor/form/validators';

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
  timeout: number | string;
}

const numeric = (property: keyof typeof NAS_NUMBERS): EditorProperty => ({
  value: NAS_NUMBERS[property].default,
  label: shared(`nas.label.${property}`),
  validate: valid(NAS_CHECKS[property]),
});

let form: NasForm;

RED.nodes.registerType<NasProperties>('active-backup-nas', {
  category: 'config',
  color: '#B5C7D3',
  icon: 'active-backup-nas.svg',
  defaults: {
    name: { value: '' },
    host: { value: '', label: shared('nas.label.host'), validate: valid(NAS_CHECKS.host) },
    port: numeric('port'),
    https: { value: true },
    verifyCertificate: { value: true },
    fingerprint: { value: '', label: shared('nas.label.fingerprint'), validate: valid(NAS_CHECKS.fingerprint) },
    tls: { value: '', type: 'tls-config', required: false, label: shared('nas.label.tls') },
    // No input that Node-RED marks belongs to it, so the account is checked here for when the dialog is closed.
    access: {
      value: 'operate',
      label: shared('nas.label.access'),
      validate: firstOf(valid(NAS_CHECKS.access), hasAccount),
    },
    pollInterval: numeric('pollInterval'),
    activePollInterval: numeric('activePollInterval'),
    overdueHours: numeric('overdueHours'),
    timeout: numeric('timeout'),
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
