import { describe, expect, test } from 'vitest';
import { openMetricsReport } from '../../src/report/openmetrics';
import { failing, late, nas, protectionOf } from './sources';

/** One sample of an OpenMetrics text. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = String.raw`[a-zA-Z_:][a-zA-Z0-9_:]*`;
const DESCRIPTOR = new RegExp(String.raw`^# (TYPE|HELP|UNIT) (${NAME}) (.*)$`);
const SAMPLE = new RegExp(String.raw`^(${NAME})\{([^\n]*)\} (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,(?=.)|$)/;
const ESCAPED: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\"': '"' };

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== '';) {
    const [whole = '', name = '', value = ''] = LABEL.exec(rest) ?? [];
    if (whole === '' || name in labels) throw new Error(`not a list of labels: ${text}`);
    labels[name] = value.replace(/\\["\\n]/g, (escape) => ESCAPED[escape] ?? escape);
    rest = rest.slice(whole.length);
  }
  return labels;
}

/**
 * Reads an OpenMetrics text of gauges as its specification demands (OpenMetrics 1.0.0: exposition format, ABNF): one TYPE and one HELP
 * before the samples of a family, no interleaved families, no series twice, EOF at the end and nowhere else.
 * @throws Error at the first line that breaks a rule
 */
function parsed(text: string): Sample[] {
  if (!text.endsWith('# EOF\n')) throw new Error('does not end with EOF');
  const lines = text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1);
  const samples: Sample[] = [];
  const described = new Set<string>();
  const series = new Set<string>();
  let family = '';
  for (const line of lines) {
    const [, kind, about = '', content = ''] = DESCRIPTOR.exec(line) ?? [];
    if (kind !== undefined) {
      const id = `${kind} ${about}`;
      if (described.has(id) || (kind === 'TYPE' && content !== 'gauge')) throw new Error(line);
      if (kind === 'HELP' && (about !== family || /(?:^|[^\\])(?:\\\\)*\\[^"\\n]/.test(content))) throw new Error(line);
      described.add(id);
      if (kind === 'TYPE') family = about;
      continue;
    }
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (name === '' || name !== family) throw new Error(`${family}: ${line}`);
    const sample = { name, labels: labelsOf(labels), value: Number(value) };
    const key = JSON.stringify([name, Object.entries(sample.labels).sort()]);
    if (series.has(key)) throw new Error(`twice: ${line}`);
    series.add(key);
    samples.push(sample);
  }
  return samples;
}

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    if (index % 17 === 0) return failing(index + 1, `PC-${index}`, 'Windows shadow copy (VSS) failed');
    return index % 23 === 0 ? late(index + 1, `PC-${index}`, false) : protectionOf(index + 1, `PC-${index}`);
  });

const ODD_NAMES = [
  'quote "x"',
  'back\\slash',
  'new\nline',
  'carriage\rreturn',
  'Büro ß 😀',
  '\\n"\\',
  '',
  ' blank ',
  '{a="b"} 1\n# EOF',
];

describe('the metrics are valid OpenMetrics', () => {
  test('of no NAS, of one that is empty, and of one that was never reached', () => {
    expect(parsed(openMetricsReport([]))).toEqual([]);
    expect(parsed(openMetricsReport([nas([], { storages: [] })])).length).toBeGreaterThan(10);
    const away = nas(null, { snapshot: null, error: 'no connection to nas.lan' });
    expect(parsed(openMetricsReport([away]))).toEqual([
      { name: 'active_backup_nas_up', labels: { nas_id: '2340sim1', nas: 'Office NAS' }, value: 0 },
    ]);
  });

  test('of 500 tasks, each of which has its series', () => {
    const samples = parsed(openMetricsReport([nas(many(500))]));
    const tasks = samples.filter(({ name }) => name === 'active_backup_task_status');
    expect(new Set(tasks.map(({ labels }) => labels.task_id)).size).toBe(500);
  });

  test('of several NASes, also while one of them does not answer', () => {
    const away = nas(many(3), { id: 'c', name: 'Branch NAS', online: false, error: 'no connection to nas.lan' });
    const samples = parsed(openMetricsReport([nas(many(30)), away]));
    expect(new Set(samples.map(({ labels }) => labels.nas))).toEqual(new Set(['Office NAS', 'Branch NAS']));
  });

  test('names arrive unchanged, whatever they contain', () => {
    const name = 'NAS "\n\\ü';
    const samples = parsed(
      openMetricsReport([
        nas(
          ODD_NAMES.map((each, at) => protectionOf(at + 1, each)),
          { name },
        ),
      ]),
    );
    const devices = samples.flatMap(({ labels }) => labels.device ?? []);
    expect(new Set(devices)).toEqual(new Set(ODD_NAMES));
    expect(new Set(samples.map(({ labels }) => labels.nas))).toEqual(new Set([name]));
  });
});

test('two NAS nodes with one NAS and one name give each series once, from the node that gets an answer', () => {
  const refused = nas(many(2), { online: false, error: 'user name or password wrong' });
  const once = openMetricsReport([nas(many(2))]);
  expect(openMetricsReport([refused, nas(many(2))])).toBe(once);
  expect(openMetricsReport([nas(many(2)), refused])).toBe(once);
  expect(() => parsed(once)).not.toThrow();
});
