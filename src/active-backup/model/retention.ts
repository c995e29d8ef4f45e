import { objectOf, booleanOf, positiveIntegerOf } from '../json-fields';
import type { Retention } from '../types';

type Rule = Exclude<keyof Retention, 'text' | 'keepAll'>;

/** Name in the data model, name in DSM and text of each rule, in the order of the text. */
const RULES = [
  { rule: 'keepDays', raw: 'keep_days', words: (n: number) => `all versions for ${counted(n, 'day')}` },
  { rule: 'keepVersions', raw: 'keep_versions', words: (n: number) => `the latest ${counted(n, 'version')}` },
  { rule: 'gfsDays', raw: 'gfs_days', words: (n: number) => `daily for ${counted(n, 'day')}` },
  { rule: 'gfsWeeks', raw: 'gfs_weeks', words: (n: number) => `weekly for ${counted(n, 'week')}` },
  { rule: 'gfsMonths', raw: 'gfs_months', words: (n: number) => `monthly for ${counted(n, 'month')}` },
  { rule: 'gfsYears', raw: 'gfs_years', words: (n: number) => `yearly for ${counted(n, 'year')}` },
] as const satisfies readonly { rule: Rule; raw: string; words: (n: number) => string }[];

/**
 * Parses `retention_policy`. DSM sends the `gfs_*` as strings in tasks and omits unused rules (docs/facts/dsm.md §3.5).
 */
export function parseRetention(value: unknown): Retention {
  const raw = objectOf(value);
  const used = RULES.map(({ rule, raw: name, words }) => ({ rule, words, amount: positiveIntegerOf(raw[name]) }));
  const keepAll = booleanOf(raw['keep_all']);
  const texts = used.flatMap(({ words, amount }) => (amount === null ? [] : [words(amount)]));
  const amountOf = (rule: Rule): number | null => used.find((each) => each.rule === rule)?.amount ?? null;
  return {
    text: keepAll === true ? 'all versions' : texts.join(', ') || null,
    keepAll,
    keepVersions: amountOf('keepVersions'),
    keepDays: amountOf('keepDays'),
    gfsDays: amountOf('gfsDays'),
    gfsWeeks: amountOf('gfsWeeks'),
    gfsMonths: amountOf('gfsMonths'),
    gfsYears: amountOf('gfsYears'),
  };
}

function counted(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
