import { sizeText, type Row, type Sample } from './row';

/** The measuring error of an exponent: costs of two runs differ by a few percent. */
const EXPONENT_ERROR = 0.05;

/**
 * How a cost grows with a size: least squares of log(cost) over log(size). 0: not at all, 1: in proportion, 2: with the square.
 * NaN for fewer than two sizes.
 */
function exponentOf(samples: readonly Pick<Sample, 'size' | 'cost'>[]): number {
  const points = samples.map(({ size, cost }) => [Math.log(size), Math.log(cost)] as const);
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const covariance = mean(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  const variance = mean(points.map(([x]) => (x - meanX) ** 2));
  return covariance / variance;
}

/** The cost of these samples at the larger sizes, beside that at the smallest. @param max times the smallest */
export function flatRows(samples: readonly Sample[], of: string, max: number): Row[] {
  const [first, ...larger] = samples.filter((sample) => sample.of === of).sort((a, b) => a.size - b.size);
  if (first === undefined) return [];
  return larger.map(({ size, cost }) => ({
    what: `${of}, CPU`,
    size: sizeText(size, 'tasks'),
    unit: 'ms',
    floor: first.cost,
    ours: cost,
    goal: { max },
    note: `floor: the same at ${first.size} tasks`,
  }));
}

/** A row for each group of samples: the exponent of their growth. Above 1 the cost grows faster than the size: a fault. */
export function growthRows(samples: readonly Sample[]): Row[] {
  return [...new Set(samples.map(({ of }) => of))].flatMap((of) => {
    const group = samples.filter((sample) => sample.of === of).sort((a, b) => a.size - b.size);
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined || first.size === last.size) return [];
    return [
      {
        what: `growth of ${of}`,
        size: `${first.size.toLocaleString('en-US')}–${last.size.toLocaleString('en-US')}`,
        unit: 'exponent',
        floor: null,
        ours: exponentOf(group),
        goal: { max: 1 + EXPONENT_ERROR },
        note: `${endOf(group)}; ${group.map(({ size, cost }) => `${size}: ${cost.toFixed(1)} ms`).join(', ')}`,
      } as const,
    ];
  });
}

/** The exponent between the two largest sizes: a fixed cost flattens the fit over all. */
function endOf(group: readonly Sample[]): string {
  return `${exponentOf(group.slice(-2)).toFixed(2)} at the end`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
