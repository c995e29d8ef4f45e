import { createFormatter, type Formatter } from './format';
import { COLORS, DAY_COLORS, PROTECTION_TONES } from './html-style';
import { html, joined, type Markup } from './markup';
import { storageColumns, storageRows, taskColumns, taskRows } from './rows';
import type { ReportTexts } from './text-types';
import { reportTexts } from './texts';
import type { DayOutcome } from '../monitor/protection-types';
import type { ReportLanguage } from '../settings/report-settings';
import type { Report, ReportDevice, ReportStorage } from './types';

const HEAD = `padding:6px 10px 6px 0;text-align:left;font-size:12px;font-weight:600;color:${COLORS.muted};border-bottom:1px solid ${COLORS.line};`;
const ROW = `vertical-align:top;font-size:14px;color:${COLORS.text};`;
const CELL = `padding:8px 10px 8px 0;border-bottom:1px solid ${COLORS.line};`;
const TABLE = 'width:100%;border-collapse:collapse;';
const STRIP = 'width:100%;table-layout:fixed;border-collapse:separate;border-spacing:1px 0;';

/** The outcomes of days, in the order of a legend. */
const DAYS: readonly DayOutcome[] = ['success', 'partial', 'failed', 'cancelled', 'none', 'off'];

/** The words of a state on its colours. */
export function chip(text: string, { back, front, tone }: { back: string; front: string; tone: string }): Markup {
  const style = `display:inline-block;padding:2px 8px;border-radius:9px;font-size:12px;font-weight:600;white-space:nowrap;background:${back};color:${front};`;
  return html`<span class="${tone}" style="${style}">${text}</span>`;
}

/** A bar that is filled to so many percent. */
export function bar(percent: number, color: string): Markup {
  const filled = Math.round(Math.min(100, Math.max(0, percent)));
  const rest = 100 - filled;
  const cell = (width: number, back: string, name: string): Markup =>
    width === 0
      ? html``
      : html`<td
          class="${name}"
          style="${`width:${width}%;height:8px;font-size:0;line-height:0;padding:0;background:${back};`}"
        >
          &nbsp;
        </td>`;
  return html`<table role="presentation" style="width:100%;border-collapse:collapse;margin:4px 0;">
    <tr>
      ${cell(filled, color, 'filled')}${cell(rest, COLORS.track, 'track')}
    </tr>
  </table>`;
}

/** The machines: state, last success, and a strip with one cell per day. */
export function machineTable(report: Report, language: ReportLanguage, timeZone: string): Markup {
  const texts = reportTexts(language);
  const format = createFormatter(language, timeZone);
  const { column } = texts;
  const names = [column.machine, column.state, column.lastSuccess, texts.lastDays(report.days)];
  const rows = report.devices.map((device) => machineRow(report, device, texts, format));
  return html`<table class="stack" style="${TABLE}">
    ${head(names, ['28%', '14%', '22%', '36%'])}
    <tbody>
      ${joined(rows)}
    </tbody>
  </table>`;
}

function machineRow(report: Report, each: ReportDevice, texts: ReportTexts, format: Formatter): Markup {
  const { device, protection, lastSuccessAt, expectedBy, failuresInRow } = each;
  const about = [report.nas.length > 1 ? each.nas.name : '', device.os ?? ''].filter(Boolean).join(' · ');
  const notes = [
    ...(expectedBy === null ? [] : [`${texts.column.expectedBy}: ${format.time(expectedBy)}`]),
    ...(failuresInRow !== null && failuresInRow > 0
      ? [`${texts.column.failures}: ${format.number(failuresInRow)}`]
      : []),
  ].join(' · ');
  const name = device.name ?? `#${device.id ?? '?'}`;
  return html`<tr class="text" style="${ROW}">
    <td class="line" style="${CELL}"><strong style="overflow-wrap:anywhere;">${name}</strong>${small(about)}</td>
    <td class="line" style="${CELL}">${chip(texts.protection[protection], PROTECTION_TONES[protection])}</td>
    <td class="line" style="${CELL}">${label(texts.column.lastSuccess)}${format.time(lastSuccessAt)}${small(notes)}</td>
    <td class="line" style="${CELL}">${strip(each.days, report.days, texts)}</td>
  </tr> `;
}

/** The name of the column, on narrow screens only, where the rows are stacked. */
function label(text: string): Markup {
  return html`<span class="label muted" style="${`display:none;color:${COLORS.muted};`}">${text}: </span>`;
}

function small(text: string): Markup {
  if (text === '') return html``;
  return html`<br /><span class="muted" style="${`font-size:12px;color:${COLORS.muted};`}">${text}</span>`;
}

/**
 * One cell per day, oldest first; days before the first known one are empty. The cells have nothing but their colour: a page of many
 * machines stays below the size at which mail programs cut it off.
 */
function strip(days: readonly DayOutcome[], count: number, texts: ReportTexts): Markup {
  if (days.length === 0)
    return html`<span class="muted" style="${`color:${COLORS.muted};`}">${texts.protection.unknown}</span>`;
  const padded = [...Array.from({ length: Math.max(0, count - days.length) }, () => null), ...days];
  const counts = DAYS.flatMap((day) => {
    const found = days.filter((each) => each === day).length;
    return found === 0 || day === 'off' ? [] : [`${found} ${texts.day[day]}`];
  }).join(', ');
  const cells = padded.map((day) => {
    if (day === null) return html`<td></td>`;
    const style = `background:${DAY_COLORS[day]}`;
    return day === 'off' ? html`<td class="day-off" style="${style}"></td>` : html`<td style="${style}"></td>`;
  });
  return html`<div role="img" aria-label="${counts}" title="${counts}">
    <table role="presentation" style="${STRIP}">
      <tr style="height:18px;">
        ${joined(cells)}
      </tr>
    </table>
  </div>`;
}

/** What the colours of the strips mean. */
export function legend(texts: ReportTexts): Markup {
  const entries = DAYS.map((day) => {
    const style = `display:inline-block;width:11px;height:11px;vertical-align:-1px;background:${DAY_COLORS[day]};`;
    return html`<span style="white-space:nowrap;margin-right:12px;display:inline-block;"
      ><span class="${day === 'off' ? 'day-off' : 'key'}" style="${style}"></span> ${texts.day[day]}</span
    > `;
  });
  return html`<p class="muted" style="${`margin:10px 0 0;font-size:12px;color:${COLORS.muted};`}">
    ${joined(entries)}
  </p>`;
}

/** The storages, each with a bar of the used share and the date on which it is full. */
export function storageTable(report: Report, language: ReportLanguage, timeZone: string): Markup {
  const columns = storageColumns(report, language);
  const storages: ReportStorage[] = report.nas.flatMap(({ storages: list }) => list ?? []);
  const used = columns.length - 4;
  const rows = storageRows(report, language, timeZone).map((row, index) => {
    const { low = false, volume = null } = storages[index] ?? {};
    const percent = volume?.usedPercent ?? null;
    return row.map((text, at) =>
      at === used && percent !== null
        ? html`${labelled(columns[at], at, text)}${bar(percent, low ? DAY_COLORS.failed : COLORS.accent)}`
        : labelled(columns[at], at, text),
    );
  });
  return plainTable(columns, rows);
}

/** The tasks: last result, last success, next run. */
export function taskTable(report: Report, language: ReportLanguage, timeZone: string): Markup {
  const columns = taskColumns(report, language);
  const rows = taskRows(report, language, timeZone).map((row) =>
    row.map((text, at) => labelled(columns[at], at, text)),
  );
  return plainTable(columns, rows);
}

function labelled(column: string | undefined, at: number, text: string): Markup {
  return at === 0
    ? html`<strong style="overflow-wrap:anywhere;">${text}</strong>`
    : html`${label(column ?? '')}${text}`;
}

function plainTable(columns: readonly string[], rows: readonly (readonly Markup[])[]): Markup {
  const body = rows.map(
    (row) =>
      html`<tr class="text" style="${ROW}">
        ${joined(row.map((cell) => html`<td class="line" style="${CELL}">${cell}</td>`))}
      </tr> `,
  );
  return html`<table class="stack" style="${TABLE}">
    ${head(columns, [])}
    <tbody>
      ${joined(body)}
    </tbody>
  </table>`;
}

function head(columns: readonly string[], widths: readonly string[]): Markup {
  const cells = columns.map((name, index) => {
    const width = widths[index] === undefined ? '' : `width:${widths[index]};`;
    return html`<th scope="col" class="muted line" style="${HEAD + width}">${name}</th>`;
  });
  return html`<thead>
    <tr>
      ${joined(cells)}
    </tr>
  </thead>`;
}
