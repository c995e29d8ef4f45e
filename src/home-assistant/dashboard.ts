import type { NasSnapshot } from '../monitor/snapshot';
import type { Language } from '../settings/bridge-settings';
import { buttonRow, buttonTile, isNotState, isState, markdownCard, NO_VALUE, press, section } from './dashboard/cards';
import type { Question } from './dashboard/cards';
import { dashboardDevices, type DashboardDevice, type IdSource } from './dashboard/entity-names';
import { attentionTemplate, deviceStateTable, taskStateTable } from './dashboard/templates';
import { DASHBOARD_WORDS } from './dashboard/words';
import { buildDiscovery } from './discovery';
import type { IdBases } from './entity-ids';
import { itemsOf, objectIdOf } from './items';
import type { BridgeOptions, NasDescription, ReadonlyJsonObject } from './types';

/** A dashboard is made for one NAS as it is now. */
interface DashboardOptions extends BridgeOptions {
  /** Default: `discovery`. */
  readonly idSource?: IdSource;
}

/** The devices of a dashboard and what its cards depend on. */
interface Sources {
  /** Of the NAS. */
  readonly name: string;
  readonly nas: DashboardDevice;
  readonly tasks: readonly DashboardDevice[];
  readonly storages: readonly DashboardDevice[];
  readonly devices: readonly DashboardDevice[];
  readonly options: DashboardOptions;
}

/** States of a task with something to show or to cancel. */
const ACTIVE_STATES = ['running', 'pausing', 'cancelling'];
/** Limits of the gauge colours; a volume above the red limit counts as low on space. */
const FULL_PERCENT = { green: 0, yellow: 80, red: 90 };
const STATISTICS_DAYS = 30;

/**
 * A dashboard view for Home Assistant: what needs attention, what runs, then tables of all tasks and machines, buttons, storages
 * and statistics. It has the same number of sections however many tasks there are. States are in the language of the bridge.
 * @param bases as for {@link buildDiscovery}
 */
export function buildDashboard(
  snapshot: NasSnapshot,
  nas: NasDescription,
  options: DashboardOptions,
  bases?: IdBases,
): ReadonlyJsonObject {
  const { nasId, idSource = 'discovery' } = options;
  const all = dashboardDevices(buildDiscovery(snapshot, nas, options, bases), nasId, idSource);
  const [hub] = all;
  if (hub === undefined) throw new TypeError('A NAS always has a device of its own');
  const ofKind = (kind: DashboardDevice['kind']): DashboardDevice[] => all.filter((device) => device.kind === kind);
  const [tasks, storages, devices] = [ofKind('task'), ofKind('storage'), ofKind('device')];
  const sources = { name: nas.name, nas: hub, tasks, storages, devices, options };
  return {
    title: nas.name,
    path: `active-backup-${nasId.replaceAll('_', '-')}`,
    icon: 'mdi:backup-restore',
    type: 'sections',
    max_columns: 3,
    dense_section_placement: true,
    ...header(sources),
    badges: badges(sources),
    sections: [
      attentionSection(sources, tasksOfDevices(snapshot, nas, sources)),
      ...runningSection(sources),
      ...taskSections(sources),
      ...deviceSection(sources),
      ...storageSection(sources),
      ...statisticsSection(sources),
    ],
  };
}

/** For each published device its published tasks, by the object id of the device. */
function tasksOfDevices(
  snapshot: NasSnapshot,
  nas: NasDescription,
  { tasks, options }: Sources,
): ReadonlyMap<string, DashboardDevice[]> {
  const byId = new Map(tasks.map((task) => [task.objectId, task]));
  const found = itemsOf(snapshot, nas, options).flatMap((item) => {
    if (item.kind !== 'device') return [];
    const own = (item.source.tasks ?? []).flatMap(
      ({ task }) => byId.get(objectIdOf(options.nasId, 'task', task.id ?? -1)) ?? [],
    );
    return [[item.objectId, own] as const];
  });
  return new Map(found);
}

/** The view header is newer than ids from discovery are; older releases show the badges alone. */
function header({ name, options: { idSource } }: Sources): ReadonlyJsonObject {
  if (idSource === 'names') return {};
  // HTML, because a name may contain characters with a meaning in Markdown.
  const content = `<h1>{{ ${JSON.stringify(name)} | e }}</h1>\n\nSynology Active Backup for Business`;
  return {
    header: {
      layout: 'responsive',
      badges_position: 'bottom',
      card: { type: 'markdown', text_only: true, content },
    },
  };
}

function badges({ nas }: Sources): ReadonlyJsonObject[] {
  const badge = (key: string, more: ReadonlyJsonObject): ReadonlyJsonObject[] => {
    const entity = nas.entities.get(key);
    return entity === undefined
      ? []
      : [{ type: 'entity', entity: entity.id, name: entity.component.name, show_name: true, ...more }];
  };
  const count = (key: string, color: string): ReadonlyJsonObject[] => {
    const id = nas.entities.get(key)?.id;
    return id === undefined
      ? []
      : badge(key, { color, visibility: [{ condition: 'numeric_state', entity: id, above: 0 }] });
  };
  const refresh = nas.entities.get('refresh')?.id;
  return [
    ...badge('connected', {}),
    ...badge('problem', {}),
    ...count('tasks_failed', 'red'),
    ...count('tasks_overdue', 'red'),
    ...count('devices_failing', 'red'),
    ...count('devices_late', 'red'),
    ...count('storages_low', 'orange'),
    ...count('tasks_running', 'blue'),
    ...badge('last_success', {}),
    ...badge('next_run', {}),
    ...(refresh === undefined ? [] : badge('refresh', { show_state: false, tap_action: press(refresh) })),
  ];
}

function attentionSection(
  { name, nas, tasks, storages, devices, options }: Sources,
  tasksOf: ReadonlyMap<string, DashboardDevice[]>,
): ReadonlyJsonObject {
  const { language } = options;
  // Only with all of them, a machine that is not in the dashboard is none with a problem.
  const listed = options.devices === 'all' ? devices : [];
  const withTasks = listed.map((device) => ({ ...device, tasks: tasksOf.get(device.objectId) ?? [] }));
  const content = attentionTemplate({ nas, tasks, devices: withTasks, storages, language });
  const heading = `${DASHBOARD_WORDS[language].attention}: ${name}`;
  return section({ heading, icon: 'mdi:alert-outline', span: 2 }, [markdownCard(content)]);
}

/** Progress and a button for each task that is active; hidden while none is. */
function runningSection({ tasks, options }: Sources): ReadonlyJsonObject[] {
  const words = DASHBOARD_WORDS[options.language];
  const conditions = tasks.flatMap(({ entities }) => {
    const status = entities.get('status')?.id;
    return status === undefined ? [] : [isState(status, [...ACTIVE_STATES, 'queued'])];
  });
  if (conditions.length === 0) return [];
  const cards = tasks.flatMap((task) => runningCards(task, options));
  const heading = { heading: words.running, icon: 'mdi:progress-upload' };
  return [section(heading, cards, [{ condition: 'or', conditions }])];
}

function runningCards({ name, entities }: DashboardDevice, options: DashboardOptions): ReadonlyJsonObject[] {
  const words = DASHBOARD_WORDS[options.language];
  const [status, progress, cancel] = ['status', 'progress', 'cancel'].map((key) => entities.get(key)?.id);
  const full = { grid_options: { columns: 'full' } };
  // Home Assistant has the feature since 2025.9.
  const bar = options.idSource === 'names' ? {} : { features: [{ type: 'bar-gauge' }] };
  const waiting = progress === undefined ? ['queued', ...ACTIVE_STATES] : ['queued'];
  const isShown = [
    ...(progress === undefined ? [] : [isNotState(progress, NO_VALUE)]),
    // It has 0 % then, and a tile of its own.
    ...(status === undefined ? [] : [isNotState(status, ['queued'])]),
  ];
  return [
    ...(progress === undefined ? [] : [{ type: 'tile', entity: progress, name, ...full, ...bar, visibility: isShown }]),
    ...(status === undefined
      ? []
      : [
          {
            ...{ type: 'tile', entity: status, name: `${name} (${words.states['queued']})`, hide_state: true },
            ...(progress === undefined && { name, hide_state: false }),
            ...full,
            visibility: [isState(status, waiting)],
          },
        ]),
    ...(cancel === undefined
      ? []
      : [
          {
            ...buttonTile(cancel, `${words.cancel}: ${name}`, 'mdi:cancel', cancelQuestion(name, options.language)),
            ...full,
            visibility: [isNotState(cancel, ['unavailable'])],
          },
        ]),
  ];
}

/** A table of all tasks and, if commands are accepted, a list of buttons. */
function taskSections({ tasks, options }: Sources): ReadonlyJsonObject[] {
  if (tasks.length === 0) return [];
  const { language } = options;
  const words = DASHBOARD_WORDS[language];
  const rows = tasks.flatMap(({ name, entities }) => {
    const start = entities.get('start');
    const question = { text: withName(words.confirmStart, name), yes: words.start };
    return start === undefined ? [] : [buttonRow(start.id, name, words.start, question)];
  });
  const table = markdownCard(taskStateTable(tasks, language));
  const buttons = { type: 'entities', entities: rows, grid_options: { columns: 'full' } };
  return [
    section({ heading: words.tasks, icon: 'mdi:backup-restore', span: 2 }, [table]),
    ...(rows.length === 0 ? [] : [section({ heading: words.backUp, icon: 'mdi:play-circle-outline' }, [buttons])]),
  ];
}

function deviceSection({ devices, options: { language } }: Sources): ReadonlyJsonObject[] {
  const shown = devices.filter(({ entities }) => entities.has('protection'));
  if (shown.length === 0) return [];
  const heading = { heading: DASHBOARD_WORDS[language].devices, icon: 'mdi:monitor-multiple', span: 2 };
  return [section(heading, [markdownCard(deviceStateTable(shown, language))])];
}

function storageSection({ storages, options }: Sources): ReadonlyJsonObject[] {
  const words = DASHBOARD_WORDS[options.language];
  const cards = storages.flatMap(({ name, entities }): ReadonlyJsonObject[] => {
    const [used, full] = ['used_percent', 'full_at'].map((key) => entities.get(key)?.id);
    const gauge = { type: 'gauge', entity: used ?? '', name, min: 0, max: 100, severity: FULL_PERCENT };
    const tile = {
      ...{ type: 'tile', entity: full ?? '', name: `${name}: ${words.fullOn}`, icon: 'mdi:calendar-alert' },
      grid_options: { columns: 'full' },
      visibility: [isNotState(full ?? '', NO_VALUE)],
    };
    return [...(used === undefined ? [] : [gauge]), ...(full === undefined ? [] : [tile])];
  });
  return cards.length === 0 ? [] : [section({ heading: words.storages, icon: 'mdi:database' }, cards)];
}

function statisticsSection({ nas, options: { language } }: Sources): ReadonlyJsonObject[] {
  const total = nas.entities.get('transferred_total')?.id;
  if (total === undefined) return [];
  const chart = {
    ...{ type: 'statistics-graph', entities: [total], stat_types: ['change'], chart_type: 'bar' },
    ...{ period: 'day', days_to_show: STATISTICS_DAYS, hide_legend: true, grid_options: { columns: 'full' } },
  };
  return [section({ heading: DASHBOARD_WORDS[language].perDay, icon: 'mdi:chart-bar', span: 2 }, [chart])];
}

function cancelQuestion(name: string, language: Language): Question {
  const { confirmCancel, cancelBackup, keepRunning } = DASHBOARD_WORDS[language];
  return { text: withName(confirmCancel, name), yes: cancelBackup, no: keepRunning };
}

function withName(text: string, name: string): string {
  return text.replace('{name}', () => name);
}
