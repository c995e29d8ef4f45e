import { ACCESS_LEVELS } from '../../src/active-backup/catalogue';
import { openNasForm } from '../../src/node-red/editor/nas-form';
import { NAS_NUMBERS } from '../../src/node-red/editor/nas-numbers';
import { fingerprintProblem, hostProblem, inRange, oneOf } from '../../src/node-red/editor/problems';
import { shared } from '../../src/node-red/editor/texts';
import { firstOf, hasAccount, valid } from '../../src/node-red/editor/verdict';

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
  validate: valid(inRange(NAS_NUMBERS[property])),
});

let save: () => void;

RED.nodes.registerType<NasProperties>('active-backup-nas', {
  category: 'config',
  color: '#B5C7D3',
  icon: 'active-backup-nas.svg',
  defaults: {
    name: { value: '' },
    host: { value: '', label: shared('nas.label.host'), validate: valid(hostProblem) },
    port: numeric('port'),
    https: { value: true },
    verifyCertificate: { value: true },
    fingerprint: { value: '', label: shared('nas.label.fingerprint'), validate: valid(fingerprintProblem) },
    tls: { value: '', type: 'tls-config', required: false, label: shared('nas.label.tls') },
    // No input that Node-RED marks belongs to it, so the account is checked here for when the dialog is closed.
    access: {
      value: 'operate',
      label: shared('nas.label.access'),
      validate: firstOf(valid(oneOf(ACCESS_LEVELS)), hasAccount),
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
    save = openNasForm(this);
  },
  oneditsave() {
    save();
  },
});
