import type { Language } from '../../settings/bridge-settings';
import { PROBLEM_ATTRIBUTES } from '../entities/nas-outcomes';
import type { DashboardDevice } from './entity-names';
import { DASHBOARD_WORDS } from './words';

/*
 * Templates of Home Assistant (Jinja) for Markdown cards: they show states in the language of the bridge, sort by trouble, and take
 * as many items as there are. HTML in them is not parsed as Markdown, so names need no other escaping than `| e`.
 */

/** Colours that are legible on light and dark cards. */
const COLOURS = { bad: '#db4437', warning: '#e08600', good: '#43a047', active: '#2196f3', unknown: '#8a8a8a' } as const;

/** A date would be broken at another hyphen where a table is narrow, as on a phone. Not in `strftime`, which depends on the locale. */
const NON_BREAKING_HYPHEN = '\u2011';

/** Entities of a device under short names; those that are not published are missing. */
type Row = Readonly<Record<string, string | readonly string[]>>;

const TASK_ROW = {
  problem: 'problem',
  overdue: 'overdue',
  status: 'status',
  progress: 'progress',
  result: 'last_result',
  error: 'last_error',
  failures: 'failures_in_row',
  success: 'last_success',
  next: 'next_run',
} as const;

const DEVICE_ROW = {
  protection: 'protection',
  error: 'last_error',
  success: 'last_success',
  expected: 'expected_by',
} as const;

const STORAGE_ROW = { low: 'low_space', full: 'full_at' } as const;

function rowOf({ name, entities }: DashboardDevice, keys: Readonly<Record<string, string>>): Row {
  const ids = Object.entries(keys).flatMap(([short, key]) => {
    const entity = entities.get(key);
    return entity === undefined ? [] : [[short, entity.id] as const];
  });
  return { name, ...Object.fromEntries(ids) };
}

/** A list of rows as a Jinja literal, one line each. */
function listOf(name: string, rows: readonly Row[]): string {
  const lines = rows.map((row) => `  ${literal(row)},`);
  return [`{%- set ${name} = [`, ...lines, '] %}'].join('\n');
}

/** JSON is a Jinja literal. */
function literal(value: unknown): string {
  return JSON.stringify(value);
}

/** Macros for states and times. `value`: a state, `unknown` for an entity that is not published. */
function macros(language: Language): string {
  const words = DASHBOARD_WORDS[language];
  return [
    "{%- macro value(id) %}{{ states(id) if id else 'unknown' }}{% endmacro %}",
    "{%- macro known(id) %}{{ '' if not id or states(id) in ['unknown', 'unavailable', ''] else states(id) }}{% endmacro %}",
    '{%- macro when(id) %}',
    '{%- set time = as_datetime(known(id), none) %}',
    `{%- if time is none %}{{ '–' }}{% else %}`,
    '{%- set local = as_local(time) %}',
    '{%- set days = (now().date() - local.date()).days %}',
    `{{- ${literal(words.today)} if days == 0 else ${literal(words.yesterday)} if days == 1 else ${literal(words.tomorrow)} if days == -1`,
    `  else ${literal(words.weekdays)}[local.weekday()] if days > -7 and days < 7 else local.strftime(${literal(words.date)}) | replace('-', '${NON_BREAKING_HYPHEN}') }} {{ local.strftime('%H:%M') }}`,
    '{%- endif %}{% endmacro %}',
    `{%- macro icon(name, colour) %}<font color="{{ colour }}"><ha-icon icon="mdi:{{ name }}"></ha-icon></font>{% endmacro %}`,
    `{%- macro notice(kind, title, text) %}<div>\n<ha-alert alert-type="{{ kind }}" title="{{ title | e }}">{{ text | e }}</ha-alert>\n</div>\n\n{% endmacro %}`,
  ].join('\n');
}

/** What the attention card works with. */
interface AttentionSources {
  readonly nas: DashboardDevice;
  readonly tasks: readonly DashboardDevice[];
  readonly devices: readonly (DashboardDevice & { readonly tasks: readonly DashboardDevice[] })[];
  readonly storages: readonly DashboardDevice[];
  readonly language: Language;
}

/** A Markdown text: an alert for each thing that needs attention, with its reason, or one that nothing does. */
export function attentionTemplate(sources: AttentionSources): string {
  const { nas, tasks, devices, storages, language } = sources;
  const deviceRows = devices.map((device) => ({
    ...rowOf(device, DEVICE_ROW),
    tasks: device.tasks.flatMap(({ entities }) => entities.get('problem')?.id ?? []),
    overdue: device.tasks.flatMap(({ entities }) => entities.get('overdue')?.id ?? []),
  }));
  const taskRows = tasks.map((task) => rowOf(task, TASK_ROW));
  const storageRows = storages.map((storage) => rowOf(storage, STORAGE_ROW));
  return [
    macros(language),
    ...[listOf('tasks', taskRows), listOf('machines', deviceRows), listOf('storages', storageRows)],
    `{%- set problem = ${idIn(nas, 'problem')} %}`,
    '{%- set ns = namespace(found=false, mentioned=[]) %}',
    // Machines that no alert of a task mentions follow the tasks.
    ...taskAlerts(language),
    ...(devices.length > 0 ? machineAlerts(language) : otherMachines(language)),
    ...warnings(language),
    ...allClear(sources),
  ].join('\n');
}

/** The id of an entity as a Jinja literal; empty if it is not published. */
function idIn({ entities }: DashboardDevice, key: string): string {
  return literal(entities.get(key)?.id ?? '');
}

/** A Jinja expression: the last success of `item`, in words. */
function lastSuccessIn(language: Language): string {
  return `${literal(`${DASHBOARD_WORDS[language].lastSuccess}: `)} ~ when(item.success)`;
}

function taskAlerts(language: Language): string[] {
  const [words, lastSuccess] = [DASHBOARD_WORDS[language], lastSuccessIn(language)];
  return [
    "{%- for item in tasks if value(item.problem) == 'on' %}{% set ns.found = true %}",
    "{%- set count = known(item.failures) | int(0) %}{% set failed = (state_attr(item.result, 'failed_devices') or []) if item.result else [] %}",
    `{{- notice('error', item.name ~ ': ' ~ ${literal(words.failed)} ~ (', ' ~ ${literal(words.inRow('#'))} | replace('#', count) if count > 1 else ''),`,
    `  (known(item.error) or ${literal(words.noReason)}) ~ (' · ' ~ ${literal(`${words.failedMachines}: `)} ~ failed | join(', ') if failed else '') ~ ' · ' ~ ${lastSuccess}) }}`,
    '{%- endfor %}',
    "{%- for item in tasks if value(item.overdue) == 'on' and value(item.problem) != 'on' %}{% set ns.found = true %}",
    `{{- notice('error', item.name ~ ': ' ~ ${literal(words.overdue)}, ${lastSuccess}) }}`,
    '{%- endfor %}',
  ];
}

function machineAlerts(language: Language): string[] {
  const [words, lastSuccess] = [DASHBOARD_WORDS[language], lastSuccessIn(language)];
  return [
    "{%- for item in machines if value(item.protection) in ['failing', 'late'] %}",
    "{%- set shown = item.tasks | select('is_state', 'on') | list + (item.overdue | select('is_state', 'on') | list if value(item.protection) == 'late' else []) %}",
    '{%- if not shown %}{% set ns.found = true %}{% set ns.mentioned = ns.mentioned + item.tasks %}',
    `{{- notice('error', item.name ~ ': ' ~ (${literal(words.late)} if value(item.protection) == 'late' else ${literal(words.failed)}),`,
    `  (known(item.error) ~ ' · ' if known(item.error) else '') ~ ${lastSuccess}) }}`,
    '{%- endif %}{% endfor %}',
  ];
}

/** Storages that are low on space, and partial backups. */
function warnings(language: Language): string[] {
  const [words, lastSuccess] = [DASHBOARD_WORDS[language], lastSuccessIn(language)];
  return [
    "{%- for item in storages if value(item.low) == 'on' %}{% set ns.found = true %}",
    `{{- notice('warning', item.name ~ ': ' ~ ${literal(words.low)}, ${literal(words.full)} ~ (' ' ~ ${literal(`${words.atPresentGrowth} `)} ~ when(item.full) if known(item.full) else '')) }}`,
    '{%- endfor %}',
    "{%- for item in tasks if value(item.result) == 'partial' and value(item.problem) != 'on' and value(item.overdue) != 'on' and item.problem not in ns.mentioned %}{% set ns.found = true %}",
    `{{- notice('warning', item.name ~ ': ' ~ ${literal(words.partial)}, (known(item.error) ~ ' · ' if known(item.error) else '') ~ ${lastSuccess}) }}`,
    '{%- endfor %}',
  ];
}

function allClear({ nas, tasks, language }: AttentionSources): string[] {
  const words = DASHBOARD_WORDS[language];
  return [
    // Only certain knowledge is an all-clear.
    `{%- if value(problem) not in ['on', 'off'] %}{{ notice('warning', '', ${literal(words.nothingKnown)}) }}`,
    `{%- elif value(problem) == 'off' and not ns.found %}{{ notice('success', '', ${literal(`${words.allFine} ${words.lastSuccess}: `)} ~ when(${idIn(nas, 'last_success')})) }}`,
    // Such as a machine that has been added since the dashboard was copied.
    `{%- elif not ns.found %}{{ notice('error', ${literal(words.problem)}, (${PROBLEM_ATTRIBUTES.map((key) => `(state_attr(problem, '${key}') or [])`).join(' + ')}) | join(', ')) }}`,
    '{%- endif %}',
    `{%- set total = known(${idIn(nas, 'tasks_total')}) %}`,
    `{%- if total and total | int(-1) != ${tasks.length} %}{{ notice('info', '', ${literal(words.otherTasks)}) }}{% endif %}`,
  ];
}

/** Alerts for machines that are not published themselves, from the attributes of the problem. */
function otherMachines(language: Language): string[] {
  const words = DASHBOARD_WORDS[language];
  const lists = [
    ['failing_devices', words.failed],
    ['late_devices', words.late],
  ] as const;
  return lists.flatMap(([attribute, word]) => [
    `{%- set names = state_attr(problem, '${attribute}') or [] %}{% if names %}{% set ns.found = true %}`,
    `{{- notice('error', ${literal(`${words.devices}: ${word}`)}, names | join(', ')) }}{% endif %}`,
  ]);
}

/** A table of all tasks, trouble first. */
export function taskStateTable(tasks: readonly DashboardDevice[], language: Language): string {
  const words = DASHBOARD_WORDS[language];
  const hasNext = tasks.some(({ entities }) => entities.has('next_run'));
  return [
    macros(language),
    `{%- set results = ${literal(words.results)} %}{% set running = ${literal(words.states)} %}`,
    listOf(
      'tasks',
      tasks.map((task) => rowOf(task, TASK_ROW)),
    ),
    '{%- macro rank(item) %}',
    "{{- 0 if value(item.problem) == 'on' else 1 if value(item.overdue) == 'on' else 2 if value(item.result) in ['partial', 'unknown', 'unavailable']",
    '  else 3 if value(item.status) in running else 4 }}{% endmacro %}',
    '{%- macro sign(item) %}',
    `{{- icon('progress-upload', '${COLOURS.active}') if value(item.status) in running else icon('close-circle', '${COLOURS.bad}') if value(item.problem) == 'on'`,
    `  else icon('clock-alert', '${COLOURS.bad}') if value(item.overdue) == 'on' else icon('check-circle', '${COLOURS.good}') if value(item.result) == 'success'`,
    `  else icon('help-circle', '${COLOURS.unknown}') if value(item.result) in ['unknown', 'unavailable', 'none', 'no_backup'] else icon('alert-circle', '${COLOURS.warning}') }}{% endmacro %}`,
    '{%- macro state(item) %}',
    "{{- running[value(item.status)] ~ (' ' ~ known(item.progress) ~ ' %' if known(item.progress) and value(item.status) != 'queued' else '') if value(item.status) in running",
    `  else results.get(value(item.result), '–') ~ (', ' ~ ${literal(words.overdue)} if value(item.overdue) == 'on' else '') }}{% endmacro %}`,
    '<table width="100%">',
    `<tr><th width="32"></th><th align="left">${words.task}</th><th align="left">${words.lastSuccess}</th>${hasNext ? `<th align="left">${words.next}</th>` : ''}</tr>`,
    "{%- for level in ['0', '1', '2', '3', '4'] %}{% for item in tasks if rank(item) == level %}",
    `<tr><td width="32" align="center">{{ sign(item) }}</td><td><b>{{ item.name | e }}</b><br><small>{{ state(item) }}</small></td><td>{{ when(item.success) }}</td>${hasNext ? '<td>{{ when(item.next) }}</td>' : ''}</tr>`,
    '{%- endfor %}{% endfor %}',
    '</table>',
  ].join('\n');
}

/** A table of all published machines, trouble first. */
export function deviceStateTable(devices: readonly DashboardDevice[], language: Language): string {
  const words = DASHBOARD_WORDS[language];
  const hasExpected = devices.some(({ entities }) => entities.has('expected_by'));
  const icons = {
    failing: ['close-circle', COLOURS.bad],
    late: ['clock-alert', COLOURS.bad],
    never: ['shield-alert', COLOURS.warning],
    unprotected: ['shield-off', COLOURS.warning],
    protected: ['shield-check', COLOURS.good],
  };
  return [
    macros(language),
    `{%- set protections = ${literal(words.protections)} %}`,
    `{%- set icons = ${literal(icons)} %}`,
    listOf(
      'machines',
      devices.map((device) => rowOf(device, DEVICE_ROW)),
    ),
    '<table width="100%">',
    `<tr><th width="32"></th><th align="left">${words.device}</th><th align="left">${words.lastSuccess}</th>${hasExpected ? `<th align="left">${words.expectedBy}</th>` : ''}</tr>`,
    "{%- for level in ['failing', 'late', 'never', 'unprotected', 'unknown', 'protected'] %}",
    "{%- for item in machines if (value(item.protection) if value(item.protection) in icons else 'unknown') == level %}",
    `{%- set sign = icons.get(level, ['help-circle', '${COLOURS.unknown}']) %}`,
    `<tr><td width="32" align="center">{{ icon(sign[0], sign[1]) }}</td><td><b>{{ item.name | e }}</b><br><small>{{ protections[level] }}</small></td><td>{{ when(item.success) }}</td>${hasExpected ? '<td>{{ when(item.expected) }}</td>' : ''}</tr>`,
    '{%- endfor %}{% endfor %}',
    '</table>',
  ].join('\n');
}
