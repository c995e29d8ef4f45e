import { fleetOf } from './fleet';
import { KINDS } from './kinds';
import type { Rule } from './other-rules';
import type { AlertCause, MachineOutcome } from './outcome';
import { simulate } from './simulate';
import { DAY_MS } from './zone';

const RULES: readonly Rule[] = ['product', 'fixed', 'twice'];
/** Limits for the product (issue 14): false alerts per machine and year, and the median delay in usual gaps. */
const GOALS = { falsePerYear: 0.2, medianGaps: 1.5 };

/** What a rule did in a group of machines. */
interface Summary {
  readonly falsePerYear: number;
  readonly stops: number;
  readonly missed: number;
  /** Median days from a stop to its report. */
  readonly medianDays: number;
  /** The same in usual gaps. */
  readonly medianGaps: number;
}

/** One simulated fleet, by rule; `connected`: stops of agents that stay on line. */
export interface SeedRun {
  readonly all: Readonly<Record<Rule, Summary>>;
  readonly connected: Readonly<Record<Rule, Summary>>;
  readonly text: string;
}

/** Simulates a fleet, or these kinds of its machines, and summarises it by kind of machine, and by kind of stop. */
export function runSeed(
  seed: number,
  machines: number,
  days: number,
  kinds: readonly string[] = Object.keys(KINDS),
): SeedRun {
  const fleet = fleetOf(seed, machines, days).filter(({ kind }) => kinds.includes(kind));
  const outcomes = fleet.map((machine) => simulate(machine, days));
  const ofMode = (mode: string): MachineOutcome[] => outcomes.filter(({ machine }) => machine.stop?.mode === mode);
  const isServer = ({ machine }: MachineOutcome): boolean => machine.type === 'physical_server';
  const groups: [string, MachineOutcome[]][] = [
    ...Object.keys(KINDS).map((kind): [string, MachineOutcome[]] => [
      kind,
      outcomes.filter(({ machine }) => machine.kind === kind),
    ]),
    ['all', outcomes],
    ['agent on line, starts no backup', ofMode('connected')],
    ['server off line for good', ofMode('gone').filter(isServer)],
    ['PC off line for good', ofMode('gone').filter((outcome) => !isServer(outcome))],
  ];
  const all = summariesOf(outcomes);
  const lines = groups.map(([name, group]) => rowOf(name, summariesOf(group), group.length));
  return {
    all,
    connected: summariesOf(ofMode('connected')),
    text: [...HEAD, ...lines, '', ...causesText(outcomes), '', goalText(all)].join('\n'),
  };
}

const HEAD = [
  '| machines | number | false per year | 48 h | twice | stops | missed | median days | usual gaps | 48 h: days | gaps | twice: days | gaps |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

function rowOf(name: string, { product, fixed, twice }: SeedRun['all'], count: number): string {
  const rules = [product, fixed, twice];
  const delays = rules.flatMap(({ stops, medianDays, medianGaps }) =>
    stops === 0 ? ['–', '–'] : [medianDays.toFixed(2), medianGaps.toFixed(2)],
  );
  const falseAlerts = rules.map(({ falsePerYear }) => falsePerYear.toFixed(2));
  return `| ${[name, count, ...falseAlerts, product.stops, product.missed, ...delays].join(' | ')} |`;
}

function goalText({ product }: SeedRun['all']): string {
  const word = (isMet: boolean): string => (isMet ? 'met' : 'NOT met');
  return [
    `false alerts ≤ ${GOALS.falsePerYear} per machine and year: ${product.falsePerYear.toFixed(2)}, ${word(product.falsePerYear <= GOALS.falsePerYear)}`,
    `every stop reported: ${product.missed} missed, ${word(product.missed === 0)}`,
    `median delay ≤ ${GOALS.medianGaps} usual gaps: ${product.medianGaps.toFixed(2)}, ${word(product.medianGaps <= GOALS.medianGaps)}`,
  ].join('\n');
}

const CAUSES: readonly AlertCause[] = ['on line', 'after a return', 'off line', 'wrong clock'];

/** By kind of machine: what the false alerts of the product were, and how soon each way to stop is reported, in usual gaps. */
function causesText(outcomes: readonly MachineOutcome[]): string[] {
  const head = `| machines | false: ${CAUSES.join(' | ')} | stops | soonest quarter | median | last quarter | below ${GOALS.medianGaps} |`;
  const rows = Object.keys(KINDS).flatMap((kind) => {
    const ofKind = outcomes.filter(({ machine }) => machine.kind === kind);
    return MODES.flatMap(([mode, name]) => {
      const group = ofKind.filter(({ machine }) => (machine.stop?.mode ?? 'connected') === mode);
      return group.length === 0 ? [] : [causesRow(`${kind}, ${name}`, group)];
    });
  });
  return [head, `| --- |${' --- |'.repeat(CAUSES.length + 5)}`, ...rows, causesRow('all', outcomes)];
}

const MODES = [
  ['connected', 'stays on line'],
  ['gone', 'goes off line'],
] as const;

function causesRow(name: string, group: readonly MachineOutcome[]): string {
  const counts = CAUSES.map((cause) => group.flatMap(({ causes }) => causes).filter((each) => each === cause).length);
  const delays = group
    .filter(({ rules }) => rules.product.delay !== undefined)
    .map((each) => each.rules.product.delayInGaps ?? Infinity);
  const parts = [0.25, 0.5, 0.75].map((share) => (delays.length === 0 ? '–' : quantile(delays, share).toFixed(2)));
  const soon = delays.filter((delay) => delay <= GOALS.medianGaps).length;
  return `| ${[name, ...counts, delays.length, ...parts, soon].join(' | ')} |`;
}

function summariesOf(group: readonly MachineOutcome[]): SeedRun['all'] {
  const [product, fixed, twice] = RULES.map((rule) => summaryOf(group, rule));
  if (product === undefined || fixed === undefined || twice === undefined) throw new RangeError('no rules');
  return { product, fixed, twice };
}

function summaryOf(group: readonly MachineOutcome[], rule: Rule): Summary {
  const years = group.reduce((sum, { days }) => sum + days / 365, 0);
  const falseAlerts = group.reduce((sum, { rules }) => sum + rules[rule].falseAlerts, 0);
  const stopped = group.filter(({ rules }) => rules[rule].delay !== undefined);
  const delays = stopped.map(({ rules }) => rules[rule].delay ?? Infinity);
  return {
    falsePerYear: years === 0 ? 0 : falseAlerts / years,
    stops: delays.length,
    missed: delays.filter((delay) => delay === Infinity).length,
    medianDays: median(delays) / DAY_MS,
    medianGaps: median(stopped.map(({ rules }) => rules[rule].delayInGaps ?? Infinity)),
  };
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
}
