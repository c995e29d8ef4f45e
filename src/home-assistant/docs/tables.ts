import { platformOf } from '../components';
import { ENTITIES, type HaDeviceKind } from '../entities';
import { stateFields, type StateField, type EntityDescription, VALUE_KINDS } from '../entity';
import { TOPIC_TABLE } from '../topic-table';
import { table, words } from './markdown';

/** All topics, with links to their schemas. */
export function topicTable(): string {
  return table(
    ['topic below `<baseTopic>/<nasId>/`', 'content', 'direction', 'retained', 'schema'],
    TOPIC_TABLE.map(({ path, description, direction, isRetained, schema }) => [
      `\`${path}\``,
      description,
      direction,
      isRetained ? 'yes' : 'no',
      `[${schema}](../schemas/${schema}.schema.json)`,
    ]),
  );
}

/** The fields of a state document. */
export function fieldTable<Source>(rows: readonly EntityDescription<Source>[]): string {
  return table(
    ['key', 'value', 'meaning'],
    stateFields(rows).map((row) => [`\`${row.key}\``, valueText(row), row.description]),
  );
}

/** The entities of a device in Home Assistant. */
export function entityTable(kind: HaDeviceKind): string {
  const rows: readonly EntityDescription<never>[] = ENTITIES[kind];
  return table(
    ['entity', 'in German', 'entity id', 'kind', 'detail'],
    rows.flatMap((row) => {
      if (row.shown === undefined) return [];
      const { name, minDetail: from, diagnostic, deviceClass } = row.shown;
      const platform = platformOf(row);
      const traits = [deviceClass, diagnostic && 'diagnostic'].filter((trait) => typeof trait === 'string');
      return [
        [
          name.en,
          name.de,
          `\`${platform}.…_${row.key}\``,
          `${platform}${traits.length === 0 ? '' : ` (${traits.join(', ')})`}`,
          from,
        ],
      ];
    }),
  );
}

function valueText<Source>(row: StateField<Source>): string {
  if (row.kind === 'word') return words(row.words);
  return row.kind === 'word_list' ? `list of ${words(row.words)}` : VALUE_KINDS[row.kind].words;
}
