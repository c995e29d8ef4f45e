import { fill, query, NONE_CHOSEN } from '../form/dom';
import { addressOf, type NasField, type NasValues } from './nas-values';

/** The open dialog of a NAS, for its parts. */
export interface NasDialog {
  /** The current values of the form. */
  values(): NasValues;
  /** The address in the form when it was opened: the stored secrets belong to it. */
  readonly openedAddress: string;
  /** Calls the listener when a field changes on which the answer of the NAS depends. */
  onChange(listener: () => void): void;
  /** Changes a field as if the user had. */
  fill(field: NasField | 'deviceId', text: string): void;
}

/** Inputs on which the answer of the NAS depends. */
const CONNECTION_INPUTS = [
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
    host: textIn('host'),
    port: textIn('port'),
    ...flags(),
    fingerprint: textIn('fingerprint'),
    tls: textIn('tls') === NONE_CHOSEN ? '' : textIn('tls'),
    access: query('#active-backup-nas-access', HTMLSelectElement).value,
    pollInterval: textIn('pollInterval'),
    activePollInterval: textIn('activePollInterval'),
    overdueHours: textIn('overdueHours'),
    quietHours: textIn('quietHours'),
    timeout: textIn('timeout'),
    credentials: { username: textIn('username'), password: textIn('password'), deviceId: textIn('deviceId') },
  });
  return {
    values,
    openedAddress: addressOf(values()),
    onChange(listener) {
      // By jQuery, because Node-RED triggers events with jQuery, which other listeners do not receive.
      $(query('.active-backup-nas', HTMLElement)).on('input change', CONNECTION_INPUTS, listener);
    },
    fill: (field, text) => fill(inputOf(field), text),
  };
}

function textIn(property: string): string {
  return inputOf(property).value;
}

function inputOf(property: string): HTMLInputElement | HTMLSelectElement {
  const selector = `#node-config-input-${property}`;
  return property === 'tls' ? query(selector, HTMLSelectElement) : query(selector, HTMLInputElement);
}
