import type { Topics } from './topics';
import { type EntityDescription, type EntityPresentation, VALUE_KINDS, type ValueKind, type Traits } from './entity';
import type { Language } from '../settings/bridge-settings';

/** An availability topic, with the payloads `online` and `offline`, Home Assistant's defaults. */
export interface Availability {
  readonly topic: string;
}

/** An entity in a discovery message. */
export interface Component {
  readonly platform: 'sensor' | 'binary_sensor' | 'event' | 'button';
  readonly unique_id: string;
  readonly default_entity_id: string;
  readonly name: string;
  /**
   * Of the subscription, and of commands; releases of Home Assistant before 2026.5 do not inherit it from the device.
   */
  readonly qos: 1;
  readonly [option: string]: unknown;
}

/** The attributes of one entity of a device. */
interface EntityAttributes {
  /** Key of the entity: one whose state changes rarely, because Home Assistant records them with each state. */
  readonly of: string;
  /** Topic of a JSON object. */
  readonly topic: string;
  /** Fields of the object that are attributes; default: all. */
  readonly keys?: readonly string[];
}

/** Topics and names for the entities of one device. */
export interface EntityContext {
  /** Prefix of unique ids. */
  readonly objectId: string;
  /** Prefix of entity ids. */
  readonly idBase: string;
  readonly language: Language;
  readonly topics: Pick<Topics, 'bridge' | 'connection'>;
  readonly event?: string;
  readonly command?: string;
  readonly attributes?: EntityAttributes;
  /** Topic with whether a run can be cancelled. */
  readonly active?: string;
}

/** The discovery of one entity. */
export function buildComponent<Source>(
  row: EntityDescription<Source> & { readonly shown: EntityPresentation },
  context: EntityContext,
): Component {
  const { shown } = row;
  const platform = platformOf(row);
  const { objectId, idBase } = context;
  return {
    platform,
    unique_id: `${objectId}_${row.key}`,
    default_entity_id: `${platform}.${idBase}_${row.key}`,
    name: shown.name[context.language],
    qos: 1,
    ...options(row, context),
    ...(shown.deviceClass && { device_class: shown.deviceClass }),
    ...(shown.icon && { icon: shown.icon }),
    ...(shown.diagnostic && { entity_category: 'diagnostic' }),
    ...(shown.minDetail === 'full' && { enabled_by_default: false }),
    ...availability(shown, context),
  };
}

/** Home Assistant's platform of an entity. */
export function platformOf<Source>(row: EntityDescription<Source>): Component['platform'] {
  if (row.kind === 'event' || row.kind === 'button') return row.kind;
  if (row.kind === 'connection') return 'binary_sensor';
  return row.kind === 'word' || row.kind === 'word_list'
    ? 'sensor'
    : (VALUE_KINDS[row.kind].sensorTraits?.platform ?? 'sensor');
}

/** Options that depend on the kind of the entity. */
function options<Source>(
  row: EntityDescription<Source>,
  { topics, event, command, attributes }: EntityContext,
): object {
  switch (row.kind) {
    case 'event':
      return { state_topic: event, event_types: row.types };
    case 'button':
      return { command_topic: command, payload_press: row.payload };
    case 'connection':
      return { state_topic: topics.connection, payload_on: 'online', payload_off: 'offline' };
    case 'word':
      return {
        value_template: template(row.key),
        device_class: 'enum',
        options: row.words,
        ...attributeOptions(row.key, attributes),
      };
    case 'word_list':
      return {}; // has no presentation
    default: {
      const { platform: _, expression, ...sensorTraits } = traitsOf(row.kind);
      return {
        value_template: template(row.key, expression),
        ...sensorTraits,
        ...attributeOptions(row.key, attributes),
      };
    }
  }
}

function attributeOptions(key: string, attributes: EntityAttributes | undefined): object {
  if (key !== attributes?.of) return {};
  const { topic, keys } = attributes;
  if (keys === undefined) return { json_attributes_topic: topic };
  // A document of an earlier release may lack a key.
  const fields = keys.map((key) => `'${key}': value_json.get('${key}')`);
  return { json_attributes_topic: topic, json_attributes_template: `{{ {${fields.join(', ')}} | tojson }}` };
}

function template(key: string, expression: Traits['expression'] = (value) => value): string {
  return `{{ ${expression(`value_json.${key}`)} }}`;
}

function traitsOf(kind: ValueKind): Traits {
  return VALUE_KINDS[kind].sensorTraits ?? { platform: 'sensor' };
}

/** The entity's own availability, if it differs from that of the device. */
function availability({ available }: EntityPresentation, { topics, active }: EntityContext): object {
  if (available === undefined) return {};
  const own = available === 'bridge' ? [topics.bridge] : [topics.bridge, topics.connection, active];
  return {
    availability_mode: 'all',
    availability: own.flatMap((topic): Availability[] => (topic === undefined ? [] : [{ topic }])),
  };
}
