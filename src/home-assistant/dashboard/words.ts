import type { Language } from '../../settings/bridge-settings';

/** Texts of a dashboard in one language. */
interface DashboardWords {
  readonly attention: string;
  readonly running: string;
  readonly tasks: string;
  readonly backUp: string;
  readonly storages: string;
  readonly devices: string;
  readonly perDay: string;
  readonly task: string;
  readonly device: string;
  readonly lastSuccess: string;
  readonly next: string;
  readonly expectedBy: string;
  readonly start: string;
  readonly cancel: string;
  readonly fullOn: string;
  readonly atPresentGrowth: string;
  readonly used: string;
  readonly allFine: string;
  readonly problem: string;
  readonly nothingKnown: string;
  readonly otherTasks: string;
  readonly never: string;
  readonly today: string;
  readonly yesterday: string;
  readonly tomorrow: string;
  /** From Monday on. */
  readonly weekdays: readonly string[];
  /** For Python's `strftime`. */
  readonly date: string;
  /** Problems, as the end of a title: `Reception PC: failed`. */
  readonly failed: string;
  readonly overdue: string;
  readonly partial: string;
  readonly late: string;
  readonly low: string;
  /** With the number of failures, after {@link failed}. */
  readonly inRow: (count: string) => string;
  readonly failedMachines: string;
  readonly noReason: string;
  readonly full: string;
  /** `{name}` is the task. */
  readonly confirmStart: string;
  /** A statement, because a question whether to cancel could be answered with “Cancel”. */
  readonly confirmCancel: string;
  /** The answers to it. */
  readonly cancelBackup: string;
  readonly keepRunning: string;
  readonly results: Readonly<Record<string, string>>;
  readonly states: Readonly<Record<string, string>>;
  readonly protections: Readonly<Record<string, string>>;
}

/** The texts of a dashboard. Home Assistant shows states of MQTT entities as they are, so the dashboard has words for them. */
export const DASHBOARD_WORDS: Readonly<Record<Language, DashboardWords>> = {
  en: {
    attention: 'Needs attention',
    running: 'Running now',
    tasks: 'Tasks',
    backUp: 'Back up now',
    storages: 'Storages',
    devices: 'Machines',
    perDay: 'Transferred per day',
    task: 'Task',
    device: 'Machine',
    lastSuccess: 'Last success',
    next: 'Next backup',
    expectedBy: 'Expected by',
    start: 'Back up',
    cancel: 'Cancel',
    fullOn: 'full',
    atPresentGrowth: 'At the present growth:',
    used: 'volume used',
    allFine: 'All backups are in order.',
    problem: 'There is a problem',
    nothingKnown: 'Nothing is known at present: the NAS, Node-RED or the MQTT broker does not answer.',
    otherTasks: 'The tasks of the NAS have changed since this dashboard was copied. Copy it again in Node-RED.',
    never: 'never',
    today: 'today',
    yesterday: 'yesterday',
    tomorrow: 'tomorrow',
    weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
    date: '%Y-%m-%d',
    failed: 'failed',
    overdue: 'overdue',
    partial: 'only partial',
    late: 'late',
    low: 'low on space',
    inRow: (count) => `${count} times in a row`,
    failedMachines: 'Machines that failed',
    noReason: 'The NAS gives no reason.',
    full: 'Backups fail when the volume is full.',
    confirmStart: 'Back up {name} now?',
    confirmCancel: 'The backup of {name} will be cancelled.',
    cancelBackup: 'Cancel backup',
    keepRunning: 'Keep running',
    results: {
      success: 'succeeded',
      partial: 'partial',
      failed: 'failed',
      cancelled: 'cancelled',
      no_backup: 'nothing backed up',
      none: 'no backup yet',
    },
    states: {
      queued: 'waiting',
      running: 'running',
      pausing: 'pausing',
      cancelling: 'being cancelled',
    },
    protections: {
      failing: 'failing',
      late: 'late',
      never: 'never backed up',
      unprotected: 'unprotected',
      protected: 'protected',
      unknown: 'unknown',
    },
  },
  de: {
    attention: 'Braucht Aufmerksamkeit',
    running: 'Läuft gerade',
    tasks: 'Aufgaben',
    backUp: 'Jetzt sichern',
    storages: 'Speicher',
    devices: 'Geräte',
    perDay: 'Übertragen je Tag',
    task: 'Aufgabe',
    device: 'Gerät',
    lastSuccess: 'Letzter Erfolg',
    next: 'Nächster Lauf',
    expectedBy: 'Erwartet bis',
    start: 'Sichern',
    cancel: 'Abbrechen',
    fullOn: 'voll',
    atPresentGrowth: 'Beim jetzigen Wachstum:',
    used: 'Volume belegt',
    allFine: 'Alle Sicherungen sind in Ordnung.',
    problem: 'Es gibt ein Problem',
    nothingKnown: 'Derzeit ist nichts bekannt: NAS, Node-RED oder MQTT-Broker antwortet nicht.',
    otherTasks:
      'Seit dieses Dashboard kopiert wurde, haben sich die Aufgaben des NAS geändert. Kopieren Sie es in Node-RED neu.',
    never: 'nie',
    today: 'heute',
    yesterday: 'gestern',
    tomorrow: 'morgen',
    weekdays: ['Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So'],
    date: '%d.%m.%Y',
    failed: 'fehlgeschlagen',
    overdue: 'überfällig',
    partial: 'nur teilweise',
    late: 'verspätet',
    low: 'wenig Platz',
    inRow: (count) => `${count}-mal in Folge`,
    failedMachines: 'Geräte mit Fehler',
    noReason: 'Das NAS nennt keinen Grund.',
    full: 'Sicherungen schlagen fehl, wenn das Volume voll ist.',
    confirmStart: '{name} jetzt sichern?',
    confirmCancel: 'Die Sicherung von {name} wird abgebrochen.',
    cancelBackup: 'Sicherung abbrechen',
    keepRunning: 'Weiterlaufen lassen',
    results: {
      success: 'erfolgreich',
      partial: 'teilweise',
      failed: 'fehlgeschlagen',
      cancelled: 'abgebrochen',
      no_backup: 'nichts gesichert',
      none: 'noch keine Sicherung',
    },
    states: {
      queued: 'wartet',
      running: 'läuft',
      pausing: 'wird angehalten',
      cancelling: 'wird abgebrochen',
    },
    protections: {
      failing: 'gestört',
      late: 'verspätet',
      never: 'nie gesichert',
      unprotected: 'ungeschützt',
      protected: 'geschützt',
      unknown: 'unbekannt',
    },
  },
};
