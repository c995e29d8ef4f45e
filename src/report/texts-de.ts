import type { ReportTexts } from './text-types';

const because = (reason: string): string => (reason === '' ? '' : `: ${reason}`);

/** German. */
export const DE: ReportTexts = {
  title: 'Sicherungsbericht',
  finding: {
    nas_unreachable: {
      text: ({ reason }) => `Keine Daten vom NAS${because(reason)}`,
      advice: () =>
        'Prüfen, ob das NAS eingeschaltet und erreichbar ist und das Konto im NAS-Node stimmt. Was von früher bekannt ist, steht unten.',
    },
    devices_failing: {
      text: ({ subject, count, reason, failures }) => {
        if (count > 1) return `Sicherungen von ${count} Geräten schlagen fehl${because(reason)} (${subject})`;
        return failures !== null && failures > 1
          ? `${subject}: Die letzten ${failures} Sicherungen sind fehlgeschlagen${because(reason)}`
          : `${subject}: Die letzte Sicherung ist fehlgeschlagen${because(reason)}`;
      },
      advice: ({ reason }) =>
        reason === ''
          ? 'Das Protokoll der Aufgabe in Active Backup öffnen: Es nennt die Ursache. Danach eine Sicherung starten.'
          : 'Die Ursache beheben, danach eine Sicherung starten.',
    },
    task_failing: {
      text: ({ subject, count, reason }) =>
        count > 1
          ? `Sicherungen von ${count} Aufgaben schlagen fehl${because(reason)} (${subject})`
          : `${subject}: Die letzte Sicherung ist fehlgeschlagen${because(reason)}`,
      advice: ({ reason }) =>
        reason === ''
          ? 'Das Protokoll der Aufgabe in Active Backup öffnen: Es nennt die Ursache. Danach eine Sicherung starten.'
          : 'Die Ursache beheben, danach eine Sicherung starten.',
    },
    device_late: {
      text: ({ subject, count, usual, lastSuccess }) => {
        if (count > 1) return `${count} Geräte sind nach ihrer Gewohnheit überfällig (${subject})`;
        const facts = [usual && `sonst alle ${usual}`, `letzter Erfolg ${lastSuccess || 'unbekannt'}`].filter(Boolean);
        return `${subject} ist nach seiner Gewohnheit überfällig (${facts.join('; ')})`;
      },
      advice: ({ isOffline }) =>
        isOffline
          ? 'Nicht verbunden: einschalten und mit dem Netzwerk des NAS verbinden. Die Sicherung startet dann nach Zeitplan; sie lässt sich auch von Hand starten.'
          : 'Verbunden, aber keine Sicherung gelingt: eine starten und den Zeitplan der Aufgabe sowie den Agenten auf dem Gerät prüfen.',
    },
    task_overdue: {
      text: ({ subject, count, lastSuccess }) =>
        count > 1
          ? `${count} Aufgaben sind überfällig (${subject})`
          : `${subject} ist überfällig (letzter Erfolg ${lastSuccess || 'unbekannt'})`,
      advice: () =>
        'Prüfen, ob die Geräte eingeschaltet sind und der Zeitplan aktiv ist; danach eine Sicherung starten.',
    },
    storage_full: {
      text: ({ subject, free, fullAt }) =>
        fullAt === '' ? `${subject} ist voll: ${free} frei` : `${subject} ist am ${fullAt} voll: ${free} frei`,
      advice: () =>
        'Ist er voll, schlagen Sicherungen fehl. Alte Versionen löschen, die Aufbewahrung verkürzen oder Laufwerke hinzufügen.',
    },
    storage_low: {
      text: ({ subject, free }) => `${subject} hat wenig Platz: ${free} frei`,
      advice: () => 'Alte Versionen löschen, die Aufbewahrung verkürzen oder Laufwerke hinzufügen.',
    },
    storage_filling: {
      text: ({ subject, free, fullAt }) => `${subject} ist am ${fullAt} voll: ${free} frei`,
      advice: () => 'Mehr Platz einplanen oder die Aufbewahrung verkürzen.',
    },
    device_never: {
      text: ({ subject, count }) =>
        count > 1
          ? `${count} Geräte haben eine Aufgabe, aber noch keine erfolgreiche Sicherung (${subject})`
          : `${subject} hat eine Aufgabe, aber noch keine erfolgreiche Sicherung`,
      advice: () => 'Die erste Sicherung starten und prüfen, ob das Gerät verbunden ist.',
    },
    task_partial: {
      text: ({ subject, reason }) => `${subject}: Die letzte Sicherung ist unvollständig${because(reason)}`,
      advice: () => 'Das Protokoll der Aufgabe in Active Backup nennt die Dateien: lesbar machen oder ausschließen.',
    },
    device_unprotected: {
      text: ({ subject, count }) =>
        count > 1
          ? `${count} Geräte haben keine Sicherungsaufgabe (${subject})`
          : `${subject} hat keine Sicherungsaufgabe`,
      advice: () => 'In Active Backup eine Aufgabe anlegen oder das Gerät aus der Liste entfernen.',
    },
    backup_unusual: {
      text: ({ subject, unusual, factor }) =>
        `${subject}: Die letzte Sicherung ${unusual === 'longer' ? 'dauerte' : 'hatte'} das ${factor}-fache ihrer üblichen ${unusual === 'longer' ? 'Zeit' : 'Größe'}`,
      advice: ({ unusual }) =>
        unusual === 'longer'
          ? 'Ein Hinweis: Vielleicht sind Netzwerk, Laufwerk oder NAS langsam oder ausgelastet.'
          : unusual === 'smaller'
            ? 'Ein Hinweis: Prüfen, ob Daten verschoben oder ausgeschlossen wurden oder ein Laufwerk fehlt.'
            : 'Ein Hinweis: Prüfen, ob sich viel geändert hat – Update, große Kopie – oder Dateien durch Schadsoftware verschlüsselt wurden.',
    },
    outcomes_unknown: {
      text: ({ count }) => `Die Ergebnisse von ${count === 1 ? '1 Gerät' : `${count} Geräten`} sind unbekannt`,
      advice: () =>
        'Das NAS hat noch keine Ergebnisse je Gerät gemeldet oder verweigert sie diesem Konto. Die Aufgaben unten werden als Ganzes beurteilt.',
    },
  },
  severity: { error: 'Fehler', warning: 'Warnung', info: 'Hinweis' },
  protection: {
    protected: 'geschützt',
    late: 'überfällig',
    failing: 'schlägt fehl',
    never: 'noch nie gesichert',
    unprotected: 'keine Aufgabe',
    unknown: 'unbekannt',
  },
  day: {
    success: 'erfolgreich',
    partial: 'teilweise erfolgreich',
    failed: 'fehlgeschlagen',
    cancelled: 'abgebrochen',
    none: 'keine Sicherung',
    off: 'keine fällig',
  },
  headline: {
    attention: (count, machines) =>
      machines === 1
        ? 'Das Gerät braucht Aufmerksamkeit'
        : `${count} von ${machines} Geräten ${count === 1 ? 'braucht' : 'brauchen'} Aufmerksamkeit`,
    allProtected: (machines) => (machines === 1 ? 'Das Gerät ist geschützt' : `Alle ${machines} Geräte sind geschützt`),
    unknown: (unknown, machines) => `${unknown} von ${machines} Geräten: Schutz unbekannt`,
    noMachines: 'Kein Gerät ist bekannt',
    unreachable: (names) => `Keine Daten von ${names}`,
    findings: (count) => (count === 1 ? '1 weiterer Befund' : `${count} weitere Befunde`),
  },
  section: { findings: 'Was zu tun ist', machines: 'Geräte', tasks: 'Aufgaben', storages: 'Speicher', nas: 'NAS' },
  column: {
    machine: 'Gerät',
    nas: 'NAS',
    state: 'Zustand',
    lastSuccess: 'Letzter Erfolg',
    expectedBy: 'Erwartet bis',
    failures: 'Fehler in Folge',
    days: 'Tage',
    task: 'Aufgabe',
    lastResult: 'Letztes Ergebnis',
    nextRun: 'Nächster Lauf',
    storage: 'Speicher',
    used: 'Belegt',
    free: 'Frei',
    growth: 'Zuwachs',
    fullAt: 'Voll am',
    compliance: 'Erfolgte von fälligen Sicherungen',
  },
  status: {
    success: 'erfolgreich',
    partial: 'teilweise erfolgreich',
    failed: 'fehlgeschlagen',
    cancelled: 'abgebrochen',
    no_backup: 'keine Sicherung',
    running: 'läuft',
    none: 'keines',
    unknown: 'unbekannt',
  },
  noFindings: 'Nichts zu tun.',
  noTasks: 'In Active Backup eine Sicherungsaufgabe anlegen, oder prüfen, welche Aufgaben das Konto sehen darf.',
  nothingRead: 'noch nicht gelesen',
  lastDays: (days) => `Letzte ${days} Tage`,
  complianceOf: (made, due, percent) => `${made} von ${due} fälligen Sicherungen erfolgt (${percent})`,
  offline: 'keine Daten',
  more: (count) => `und ${count} weitere`,
  perDay: (amount) => `${amount} pro Tag`,
  hours: (hours) => `${hours} h`,
  createdAt: (time) => `Erstellt ${time}`,
  usedOf: (used, total) => `${used} von ${total}`,
};
