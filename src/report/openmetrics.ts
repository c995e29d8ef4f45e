import { buildState, stateFields, type EntityDescription, type StateField } from '../home-assistant/entity';
import { ENTITIES } from '../home-assistant/entities';
import { itemsOf, type HaItem } from '../home-assistant/items';
import type { JsonValue } from '../home-assistant/types';
import type { NasForReport } from './types';

/** The media type of {@link openMetricsReport}. */
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Beginning of all names. */
const PREFIX = 'active_backup';

/** Unit at the end of a name, by the kind of value; kinds that are not here are no metrics. Flags are 0 or 1. */
const UNITS: Readonly<Partial<Record<StateField<never>['kind'], string>>> = {
  flag: '',
  time: 'timestamp_seconds',
  seconds: 'seconds',
  bytes: 'bytes',
  bytes_per_second: 'bytes_per_second',
  percent: 'percent',
  whole_percent: 'percent',
  ratio: 'ratio',
  count: '',
  word: '',
};

/** The key of values that stay true while the NAS does not answer. */
const LASTING = 'last_success';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: string[];
}

/**
 * Everything that the entity table publishes as a number, for Prometheus: gauges whose names and help come from that table. A word is
 * one series per word, 1 for the present one. What is unknown has no series. Of a NAS that does not answer only the times of the last
 * successes remain: its other values may no longer be true.
 */
export function openMetricsReport(sources: readonly NasForReport[]): string {
  const metrics = new Map<string, Metric>();
  for (const source of distinct(sources)) {
    addUp(metrics, source);
    if (source.snapshot === null) continue;
    const items = itemsOf(source.snapshot, source.description, { nasId: source.id, devices: 'all' });
    for (const item of items) addItem(metrics, source, item);
  }
  const families = [...metrics.values()].filter(({ samples }) => samples.length > 0);
  const lines = families.flatMap(({ name, help, samples }) => [
    `# TYPE ${name} gauge`,
    `# HELP ${name} ${escapeHelp(help)}`,
    ...samples,
  ]);
  return [...lines, '# EOF', ''].join('\n');
}

/**
 * One source for each pair of id and name: two NAS nodes with one NAS and one name would write every series twice, and Prometheus rejects
 * the whole answer then. The one that answers is kept.
 */
function distinct(sources: readonly NasForReport[]): NasForReport[] {
  const kept = new Map<string, NasForReport>();
  for (const source of sources) {
    const key = JSON.stringify([source.id, source.name]);
    const earlier = kept.get(key);
    if (earlier === undefined || (isUp(source) && !isUp(earlier))) kept.set(key, source);
  }
  return [...kept.values()];
}

const isUp = ({ error, snapshot }: NasForReport): boolean => error === null && snapshot?.online === true;

function addUp(metrics: Map<string, Metric>, source: NasForReport): void {
  const { id, name } = source;
  const connected = ENTITIES.nas.find(({ kind }) => kind === 'connection');
  const help = connected?.description.replace(/ Not part of the document.*$/, '') ?? '';
  addSample(metrics, `${PREFIX}_nas_up`, help, { nas_id: id, nas: name }, isUp(source) ? 1 : 0);
}

/** Adds the samples of one item. */
function addItem(metrics: Map<string, Metric>, nas: NasForReport, item: HaItem): void {
  const { id, name } = nas;
  const isFresh = isUp(nas);
  const labels: Record<string, string> = { nas_id: id, nas: name };
  switch (item.kind) {
    case 'nas':
      addRows(metrics, ENTITIES.nas, item.source, { kind: 'nas', labels, isFresh });
      return;
    case 'task':
      addRows(metrics, ENTITIES.task, item.source, {
        kind: 'task',
        labels: withItem(labels, item, item.source.task.name),
        isFresh,
      });
      return;
    case 'storage':
      addRows(metrics, ENTITIES.storage, item.source, {
        kind: 'storage',
        labels: withItem(labels, item, item.source.shareName),
        isFresh,
      });
      return;
    case 'device':
      addRows(metrics, ENTITIES.device, item.source, {
        kind: 'device',
        labels: withItem(labels, item, item.source.device.name),
        isFresh,
      });
  }
}

function withItem(labels: Record<string, string>, { kind, id }: HaItem, name: string | null): Record<string, string> {
  return { ...labels, [`${kind}_id`]: String(id), [kind]: name ?? '' };
}

/** Adds the samples of all rows of a table that are numbers. */
function addRows<Source>(
  metrics: Map<string, Metric>,
  rows: readonly EntityDescription<Source>[],
  source: Source,
  {
    kind,
    labels,
    isFresh,
  }: {
    readonly kind: HaItem['kind'];
    readonly labels: Readonly<Record<string, string>>;
    readonly isFresh: boolean;
  },
): void {
  const state = buildState(rows, source);
  for (const row of stateFields(rows)) {
    const name = metricName(kind, row.key, row.kind);
    if (name === null || !(isFresh || row.key === LASTING)) continue;
    const value = state[row.key] ?? null;
    if (row.kind === 'word') {
      // A word that is no entity describes the item and is no state.
      if (row.shown === undefined) continue;
      for (const word of row.words)
        addSample(metrics, name, row.description, { ...labels, [row.key]: word }, word === value ? 1 : 0);
    } else {
      const number = numberOf(row.kind, value);
      if (number !== null) addSample(metrics, name, row.description, labels, number);
    }
  }
}

/**
 * The name of a metric. The endings `_total` and `_count` belong to counters and histograms, so a count of things is named after the
 * things: `tasks`, not `tasks_total`.
 */
function metricName(kind: string, key: string, valueKind: StateField<never>['kind']): string | null {
  const unit = UNITS[valueKind];
  if (unit === undefined) return null;
  const base = key
    .replace(/_total$/, '')
    .replace(/_count$/, 's')
    .replace(new RegExp(`_${unit || '-'}$`), '');
  return [PREFIX, kind, base, unit].filter(Boolean).join('_');
}

function numberOf(kind: StateField<never>['kind'], value: JsonValue): number | null {
  if (kind === 'flag') return value === 'ON' ? 1 : value === 'OFF' ? 0 : null;
  if (kind === 'time') return typeof value === 'string' ? finite(Date.parse(value) / 1000) : null;
  return typeof value === 'number' ? finite(value) : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function addSample(
  metrics: Map<string, Metric>,
  name: string,
  help: string,
  labels: Readonly<Record<string, string>>,
  value: number,
): void {
  const metric = metrics.get(name) ?? { name, help, samples: [] };
  metrics.set(name, metric);
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  metric.samples.push(`${name}{${pairs.join(',')}} ${value}`);
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
