import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { topicsPage, type DocumentExamples } from '../../src/home-assistant/docs';
import { eventMessages } from '../../src/home-assistant/events';
import { schemas } from '../../src/home-assistant/schemas';
import { buildStateDocuments } from '../../src/home-assistant/state-documents';
import { failureWith, NAS, OPTIONS, snapshotWith, taskWith } from '../../test/home-assistant/examples';
import { root } from '../root';
import { withDrawing } from './architecture';
import { demoDashboard } from './dashboard';

const ARCHITECTURE = join('docs', 'architecture.md');

/** The files that are made from the code, whole or, the page on the architecture, in part: path in the checkout → content. */
export async function documentationFiles(): Promise<ReadonlyMap<string, string>> {
  const files = Object.entries(schemas()).map(
    async ([name, schema]) => [join('schemas', `${name}.schema.json`), await json(schema)] as const,
  );
  const dashboard = await formatted(await demoDashboard(), 'yaml');
  return new Map([
    [join('docs', 'mqtt.md'), topicsPage(examples())],
    [ARCHITECTURE, withDrawing(await readFile(join(root, ARCHITECTURE), 'utf8'))],
    [join('examples', 'home-assistant', 'dashboard.yaml'), dashboard],
    ...(await Promise.all(files)),
  ]);
}

function json(value: unknown): Promise<string> {
  return formatted(JSON.stringify(value), 'json');
}

async function formatted(text: string, parser: 'json' | 'yaml'): Promise<string> {
  const style = await resolveConfig(join(root, 'package.json'));
  return format(text, { ...style, parser });
}

function examples(): DocumentExamples {
  const { task } = taskWith({ name: 'PC-Finance' });
  const result = {
    ...failureWith(),
    taskId: task.id,
    taskName: task.name,
    action: 'backup' as const,
    actionCode: 1,
    devices: null,
  };
  const event = { event: 'backup_failed', at: result.endedAt ?? '', task, result, late: false } as const;
  const documents = buildStateDocuments(snapshotWith({ tasks: [{ ...taskWith(), task }] }), NAS, OPTIONS);
  const [state] = [...documents].filter(([topic]) => topic.endsWith('/task/3/state')).map(([, payload]) => payload);
  const [message] = eventMessages(event, OPTIONS);
  if (state === undefined || message === undefined) throw new Error('There is no example of a task or an event');
  return { task: state, event: message.payload };
}
