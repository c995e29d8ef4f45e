import type { NasSnapshot } from '../monitor/snapshot';
import type { Component } from './components';
import { buildDiscovery, type Discovery } from './discovery';
import type { HaDeviceKind } from './entities';
import type { IdBases } from './entity-ids';
import type { ReadonlyJsonObject, BridgeOptions, NasDescription, LocalizedText } from './types';
import { kindOfObjectId } from './device-info';

/** Entities of each device on the dashboard, in this order, if they are published. */
export const DASHBOARD_KEYS = {
  nas: ['problem', 'overall_status', 'last_success', 'next_run', 'tasks_failed', 'tasks_overdue', 'refresh'],
  task: ['status', 'last_result', 'progress', 'problem', 'overdue', 'last_success', 'next_run', 'start', 'cancel'],
  storage: ['used_percent', 'low_space'],
  device: ['protection', 'last_success'],
} as const satisfies Record<HaDeviceKind, readonly string[]>;

/** States in which a card is hidden, because it shows nothing or can do nothing. */
const HIDDEN_WHEN: Readonly<Record<string, readonly string[]>> = {
  progress: ['unknown', 'unavailable'],
  cancel: ['unavailable'],
};

/** Cards that appear and disappear use a line of their own, so that the others keep their places. */
const WIDE: ReadonlySet<string> = new Set(['progress']);

const HEADINGS = {
  storages: { en: 'Storages', de: 'Speicher' },
  devices: { en: 'Machines', de: 'Geräte' },
} as const satisfies Record<string, LocalizedText>;

/** Limits of the gauge colours; a volume above the red limit counts as low on space. */
const FULL_PERCENT = { green: 0, yellow: 80, red: 90 };

/** An entity under the id that discovery requests. */
interface Entity {
  readonly id: string;
  readonly component: Component;
}

type Device = ReadonlyMap<string, Entity>;

/**
 * A dashboard view for Home Assistant: a section for the NAS, one for each task, one for all storages and one for all
 * published devices. Entities are named by the ids that discovery requests, which Home Assistant honours since 2025.10;
 * other ids have to be changed in the view.
 * @param bases as for {@link buildDiscovery}
 */
export function buildDashboard(
  snapshot: NasSnapshot,
  nas: NasDescription,
  options: BridgeOptions,
  bases?: IdBases,
): ReadonlyJsonObject {
  const discovery = buildDiscovery(snapshot, nas, options, bases);
  const devices = entitiesOf(discovery);
  const ofKind = (kind: HaDeviceKind): { name: string; entities: Device }[] =>
    discovery
      .filter(({ objectId }) => kindOfObjectId(objectId, options.nasId) === kind)
      .map(({ objectId, payload }) => ({ name: payload.device.name, entities: devices.get(objectId) ?? new Map() }));
  const sectionOf = (kind: 'storage' | 'device', heading: LocalizedText, icon: string): ReadonlyJsonObject[] => {
    const items = ofKind(kind);
    const cards = items.flatMap(({ name, entities }) => cardsOf(kind, entities, name));
    return cards.length === 0 ? [] : [section(heading[options.language], icon, cards)];
  };
  return {
    title: 'Active Backup',
    path: 'active-backup',
    icon: 'mdi:backup-restore',
    type: 'sections',
    max_columns: 4,
    sections: [
      ...ofKind('nas').map(({ name, entities }) => section(name, 'mdi:nas', cardsOf('nas', entities))),
      ...ofKind('task').map(({ name, entities }) => section(name, 'mdi:backup-restore', cardsOf('task', entities))),
      ...sectionOf('storage', HEADINGS.storages, 'mdi:database'),
      ...sectionOf('device', HEADINGS.devices, 'mdi:monitor-multiple'),
    ],
  };
}

/** Object id → key → entity. */
function entitiesOf(discovery: readonly Discovery[]): ReadonlyMap<string, Device> {
  return new Map(
    discovery.map(({ objectId, payload }) => {
      const entities = Object.entries(payload.components).map(
        ([key, component]) => [key, { id: component.default_entity_id, component }] as const,
      );
      return [objectId, new Map(entities)];
    }),
  );
}

/** @param owner device name in front of the entity names, for a section with several devices */
function cardsOf(kind: HaDeviceKind, entities: Device, owner?: string): ReadonlyJsonObject[] {
  return DASHBOARD_KEYS[kind].flatMap((key) => {
    const entity = entities.get(key);
    if (entity === undefined) return [];
    const states = HIDDEN_WHEN[key];
    const hidden = states && { visibility: [{ condition: 'state', entity: entity.id, state_not: states }] };
    return [{ ...cardOf(key, entity, owner), ...hidden }];
  });
}

function cardOf(key: string, { id, component }: Entity, owner?: string): ReadonlyJsonObject {
  const name = owner === undefined ? component.name : `${owner}: ${component.name}`;
  const width = owner !== undefined || WIDE.has(key) ? { grid_options: { columns: 'full' } } : {};
  if (component.platform === 'button')
    return { type: 'tile', entity: id, name, hide_state: true, tap_action: press(id), icon_tap_action: press(id) };
  if (key === 'used_percent') return { type: 'gauge', entity: id, name, min: 0, max: 100, severity: FULL_PERCENT };
  return { type: 'tile', entity: id, name, ...width };
}

function press(id: string): ReadonlyJsonObject {
  return { action: 'perform-action', perform_action: 'button.press', target: { entity_id: id } };
}

function section(heading: string, icon: string, cards: readonly ReadonlyJsonObject[]): ReadonlyJsonObject {
  return { type: 'grid', cards: [{ type: 'heading', heading, icon }, ...cards] };
}
