import type { ReportLanguage } from '../settings/report-settings';

/** Formats values for people, in one language and one time zone. */
export interface Formatter {
  /** `Fri 28 Nov, 18:10`; `–` for null. */
  readonly time: (iso: string | null) => string;
  /** `28 Nov 2026` */
  readonly date: (iso: string | null) => string;
  /** `1.9 TB`, decimal units as in Home Assistant; `–` for null. */
  readonly bytes: (bytes: number | null) => string;
  /** `98.2 %`; `–` for null. */
  readonly percent: (percent: number | null) => string;
  /** Names of days of the week, `Mon, Tue`. */
  readonly weekdays: (days: readonly number[]) => string;
  readonly number: (value: number) => string;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const NONE = '–';
const LOCALES = { en: 'en-GB', de: 'de-DE' } as const satisfies Record<ReportLanguage, string>;

/** @param timeZone IANA name */
export function createFormatter(language: ReportLanguage, timeZone: string): Formatter {
  const locale = LOCALES[language];
  const time = new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const date = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short', year: 'numeric' });
  const weekday = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: 'short' });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const moment = (format: Intl.DateTimeFormat, iso: string | null): string => {
    const at = iso === null ? NaN : Date.parse(iso);
    return Number.isNaN(at) ? NONE : format.format(at);
  };
  return {
    time: (iso) => moment(time, iso),
    date: (iso) => moment(date, iso),
    bytes: (bytes) => (bytes === null ? NONE : bytesText(bytes, number)),
    percent: (percent) => (percent === null ? NONE : `${number.format(percent)} %`),
    // 4 January 1970 was a Sunday.
    weekdays: (days) => days.map((day) => weekday.format((3 + day) * 86_400_000)).join(', '),
    number: (value) => number.format(value),
  };
}

function bytesText(bytes: number, number: Intl.NumberFormat): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number.format(Math.sign(bytes) * (value >= 100 ? Math.round(value) : value))} ${UNITS[unit] ?? ''}`;
}
