import { Ajv2020 } from 'ajv/dist/2020';
import { schemas, type SchemaName } from '../../src/home-assistant/schemas';
import { TOPIC_TABLE } from '../../src/home-assistant/topic-table';
import { isEntityStateTopic, topicsOf } from '../../src/home-assistant/topics';

const ajv = new Ajv2020({ allowUnionTypes: true, strict: true, allErrors: true });
const validators = new Map(
  Object.entries(schemas()).map(([name, schema]) => [name as SchemaName, ajv.compile(schema)] as const),
);

/** Plain text, not JSON. */
const PLAIN: ReadonlySet<SchemaName> = new Set(['bridge', 'connection', 'task-active']);

/** Violations of the schema by a payload. */
export function faultsOf(name: SchemaName, payload: string): string[] {
  const validate = validators.get(name)!;
  if (validate(PLAIN.has(name) ? payload : JSON.parse(payload))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${name}${instancePath} ${message ?? ''}`);
}

/** Name of the schema of a topic. */
export function schemaAt(topic: string, baseTopic: string, nasId: string): SchemaName {
  const topics = topicsOf(baseTopic, nasId);
  if (!topic.startsWith(`${topics.root}/`)) throw new Error(`${topic} is no topic of ours`);
  const path = topic.slice(topics.root.length + 1).replace(/^(task|storage|device)\/\d+\//, '$1/<$1Id>/');
  const row = TOPIC_TABLE.find((each) => each.path === path);
  if (row === undefined) throw new Error(`${topic} is not documented`);
  return row.schema;
}

/** Whether a topic is removed with its item. */
export function isItemTopic(topic: string, baseTopic: string, nasId: string): boolean {
  return isEntityStateTopic(topicsOf(baseTopic, nasId), topic);
}
