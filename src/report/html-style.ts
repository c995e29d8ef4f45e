import type { DayOutcome, Protection } from '../monitor/protection-types';
import type { FindingSeverity } from './types';

/** Colours in light mode, written into the elements, because some mail programs ignore style sheets. */
export const COLORS = {
  page: '#eef1f4',
  card: '#ffffff',
  text: '#1c2430',
  muted: '#56606c',
  line: '#dde2e8',
  track: '#e3e7ec',
  accent: '#1f6feb',
} as const;

/** Background and text of a state. */
interface Tone {
  readonly back: string;
  readonly front: string;
}

const GOOD: Tone = { back: '#dff3e6', front: '#135c36' };
const BAD: Tone = { back: '#fde4e3', front: '#8c1c17' };
const WARN: Tone = { back: '#fcecd0', front: '#714400' };
const NEUTRAL: Tone = { back: '#e8ebef', front: '#414a56' };

/** Colours of the protections, and their class for dark mode. */
export const PROTECTION_TONES: Readonly<Record<Protection, Tone & { readonly tone: string }>> = {
  protected: { ...GOOD, tone: 'good' },
  late: { ...BAD, tone: 'bad' },
  failing: { ...BAD, tone: 'bad' },
  never: { ...WARN, tone: 'warn' },
  unprotected: { ...WARN, tone: 'warn' },
  unknown: { ...NEUTRAL, tone: 'neutral' },
};

/** Colours of the severities, and their class for dark mode. */
export const SEVERITY_TONES: Readonly<Record<FindingSeverity, Tone & { readonly tone: string }>> = {
  error: { ...BAD, tone: 'bad' },
  warning: { ...WARN, tone: 'warn' },
  info: { ...NEUTRAL, tone: 'neutral' },
};

/** Colours of the days of a strip; the same in dark mode but for days off. */
export const DAY_COLORS: Readonly<Record<DayOutcome, string>> = {
  success: '#2f9e62',
  partial: '#e0a100',
  failed: '#d3302f',
  cancelled: '#8d96a3',
  none: '#f2a5a0',
  off: '#e3e7ec',
};

const dark = (selector: string, rules: Readonly<Record<string, string>>): string =>
  `${selector}{${Object.entries(rules)
    .map(([name, value]) => `${name}:${value}!important`)
    .join(';')}}`;

/**
 * The style sheet of the page: dark mode and narrow screens. The rest is inline. No rule hides anything, so that a mail program without
 * style sheets shows the same.
 */
export const STYLE_SHEET = [
  ':root{color-scheme:light dark}',
  'body{margin:0;padding:0}',
  '@media (max-width:640px){',
  '.pad{padding:14px!important}.outer{padding:8px!important}',
  // Child combinators: the strips and bars inside are tables, too.
  '.stack,.stack>tbody,.stack>tbody>tr{display:block!important;width:100%!important}',
  '.stack>thead{display:none!important}',
  '.stack>tbody>tr>td{display:block!important;width:auto!important;border:0!important;padding:2px 0!important}',
  '.stack>tbody>tr{padding:10px 0!important;border-top:1px solid #dde2e8!important}',
  '.stack .label{display:inline!important}',
  '.tile{display:inline-block!important;width:auto!important}',
  '}',
  '@media (prefers-color-scheme:dark){',
  dark('.page', { background: '#0f1318' }),
  dark('.card', { background: '#1a2027', 'border-color': '#2c343d' }),
  dark('.text', { color: '#e7ecf2' }),
  dark('.muted', { color: '#a9b3bf' }),
  dark('.line', { 'border-color': '#2c343d' }),
  dark('.stack>tbody>tr', { 'border-color': '#2c343d' }),
  dark('.track,.day-off', { background: '#333c46' }),
  dark('.day', { 'border-color': '#1a2027' }),
  dark('.good', { background: '#133a26', color: '#9fe3bd' }),
  dark('.bad', { background: '#47191a', color: '#ffb8b3' }),
  dark('.warn', { background: '#41300d', color: '#f6d38b' }),
  dark('.neutral', { background: '#303943', color: '#cdd5de' }),
  '}',
].join('\n');
