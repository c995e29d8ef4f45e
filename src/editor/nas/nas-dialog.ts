import { NONE_CHOSEN } from '../form/config-node';
import { query } from '../form/dom';
import { addressOf, type Field, type NasValues } from './nas-values';

/** The open dialog of a NAS, as the parts of it see it. */
export interface NasDialog {
  /** What is in the form now. */
  values(): NasValues;
  /** Where the form led when it was opened: for this address the stored secrets are. */
  readonly openedAddress: string;
  /** Told whenever a field is changed that decides what a NAS answers. */
  onChange(listener: () => void): void;
  /** Puts a text into a field as if a person had entered it. */
  fill(field: Field | 'deviceId', text: string): void;
}

/** Inputs that decide whether and how a NAS answers. */
const DECISIVE = [
  ...['host', 'port', 'timeout', 'username', 'password', 'deviceId', 'fingerprint', 'tls'].map(
    (property) => `#node-config-input-${property}`,
  ),
  '#active-backup-nas-https',
  '#active-backup-nas-verify',
].join();

/** @param flags reads the checkboxes as they would be stored */
export function nasDialog(id: string, flags: () => Pick<NasValues, 'https' | 'verifyCertificate'>): NasDialog {
  const values = (): NasValues => ({
    id,
    host: textOf('host'),
    port: textOf('port'),
    ...flags(),
    fingerprint: textOf('fingerprint'),
    tls: textOf('tls') === NONE_CHOSEN ? '' : textOf('tls'),
    access: query('#active-backup-nas-access', HTMLSelectElement).value,
    pollInterval: textOf('pollInterval'),
    activePollInterval: textOf('activePollInterval'),
    overdueHours: textOf('overdueHours'),
    timeout: textOf('timeout'),
    credentials: { username: textOf('username'), password: textOf('password'), deviceId: textOf('deviceId') },
  });
  return {
    values,
    openedAddress: addressOf(values()),
    onChange(listener) {
      // jQuery hears what Node-RED triggers, too.
      $(query('.active-backup-nas', HTMLElement)).on('input change', DECISIVE, listener);
    },
    fill(field, text) {
      const input = inputOf(field);
      input.value = text;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
  };
}

function textOf(property: string): string {
  return inputOf(property).value;
}

function inputOf(property: string): HTMLInputElement | HTMLSelectElement {
  const selector = `#node-config-input-${property}`;
  return property === 'tls' ? query(selector, HTMLSelectElement) : query(selector, HTMLInputElement);
}
