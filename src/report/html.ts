import type { Protection } from '../monitor/protection-types';
import { createFormatter } from './format';
import { headlineOf } from './headline';
import { COLORS, DAY_COLORS, PROTECTION_TONES, SEVERITY_TONES, STYLE_SHEET } from './html-style';
import { bar, chip, legend, machineTable, storageTable, taskTable } from './html-tables';
import { html, joined, Markup } from './markup';
import { withNas, withoutFindings } from './text';
import type { ReportTexts } from './text-types';
import { reportTexts } from './texts';
import type { ReportLanguage } from '../settings/report-settings';
import type { Report } from './types';

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";
/** The order of the counts at the top. */
const TILES: readonly Protection[] = ['protected', 'failing', 'late', 'never', 'unprotected', 'unknown'];

/**
 * The report as one complete page for a mail: inline styles, tables, no script, nothing from elsewhere; light and dark, from the width
 * of a phone. Every name is escaped.
 */
export function htmlReport(report: Report, language: ReportLanguage, timeZone: string): string {
  const headline = headlineOf(report, language);
  return html`<!DOCTYPE html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>${headline}</title>
        <style>
          ${new Markup(STYLE_SHEET)}
        </style>
      </head>
      <body class="page" style="${`margin:0;padding:0;background:${COLORS.page};${FONT}`}">
        <table
          role="presentation"
          class="page"
          style="${`width:100%;border-collapse:collapse;background:${COLORS.page};`}"
        >
          <tr>
            <td class="outer" style="padding:20px;">
              <table role="presentation" style="width:100%;max-width:1080px;margin:0 auto;border-collapse:collapse;">
                <tr>
                  <td>${summary(report, headline, language, timeZone)} ${sections(report, language, timeZone)}</td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html> `.text;
}

/** What to do, machines, tasks and storages; what is empty or was never read has no section. */
function sections(report: Report, language: ReportLanguage, timeZone: string): Markup {
  const texts = reportTexts(language);
  const hasStorages = report.nas.some(({ storages }) => storages !== null && storages.length > 0);
  const hasTasks = report.nas.some(({ tasks }) => tasks !== null && tasks.length > 0);
  return joined([
    card(texts.section.findings, findingList(report, texts)),
    ...(report.devices.length === 0
      ? []
      : [card(texts.section.machines, html`${machineTable(report, language, timeZone)}${legend(texts)}`)]),
    ...(hasTasks ? [card(texts.section.tasks, taskTable(report, language, timeZone))] : []),
    ...(hasStorages ? [card(texts.section.storages, storageTable(report, language, timeZone))] : []),
  ]);
}

function summary(report: Report, headline: string, language: ReportLanguage, timeZone: string): Markup {
  const texts = reportTexts(language);
  const format = createFormatter(language, timeZone);
  const { made, due, percent } = report.compliance;
  const names = report.nas.map(({ name, model, online }) => {
    const about = [model ?? '', online ? '' : texts.offline].filter(Boolean).join(', ');
    return about === '' ? name : `${name} (${about})`;
  });
  const compliance =
    percent === null
      ? html``
      : html`<p class="text" style="${`margin:14px 0 0;font-size:14px;color:${COLORS.text};`}">
            ${texts.lastDays(report.days)}:
            ${texts.complianceOf(format.number(made), format.number(due), format.percent(percent).replace(' ', '\u00a0'))}
          </p>
          ${bar(percent, DAY_COLORS.success)}`;
  return cardOf(
    html`<h1
        class="text"
        style="${`margin:0 0 4px;font-size:22px;line-height:1.25;color:${COLORS.text};overflow-wrap:anywhere;`}"
      >
        ${headline}
      </h1>
      <p class="muted" style="${`margin:0 0 12px;font-size:13px;color:${COLORS.muted};overflow-wrap:anywhere;`}">
        ${texts.title} · ${names.join(', ')} · ${texts.createdAt(format.time(report.at))}
      </p>
      ${tiles(report, texts)} ${compliance}`,
  );
}

function tiles({ totals }: Report, texts: ReportTexts): Markup {
  const shown = TILES.filter((protection) => protection === 'protected' || totals[protection] > 0);
  const cells = shown.map((protection) => {
    // A zero is not good news: without a known machine it would be a green tile on a page about a NAS that does not answer.
    const { back, front, tone } = PROTECTION_TONES[totals[protection] === 0 ? 'unknown' : protection];
    const style = `display:inline-block;min-width:84px;margin:0 8px 8px 0;padding:8px 12px;border-radius:6px;background:${back};color:${front};`;
    return html`<span class="tile ${tone}" style="${style}"
      ><strong style="font-size:22px;display:block;">${totals[protection]}</strong
      ><span style="font-size:12px;">${texts.protection[protection]}</span></span
    >`;
  });
  return html`<div>${joined(cells)}</div>`;
}

function findingList(report: Report, texts: ReportTexts): Markup {
  if (report.findings.length === 0) {
    return html`<p class="text" style="${`margin:0;font-size:14px;color:${COLORS.text};`}">
      ${withoutFindings(report, texts)}
    </p>`;
  }
  const rows = report.findings.map(
    (finding) =>
      html`<tr>
        <td class="line" style="${`padding:10px 0;border-bottom:1px solid ${COLORS.line};`}">
          ${chip(texts.severity[finding.severity], SEVERITY_TONES[finding.severity])}
          <strong class="text" style="${`font-size:15px;color:${COLORS.text};overflow-wrap:anywhere;`}"
            >${withNas(report, finding, finding.text)}</strong
          >
          <p class="muted" style="${`margin:4px 0 0;font-size:13px;color:${COLORS.muted};`}">${finding.advice}</p>
        </td>
      </tr> `,
  );
  return html`<table role="presentation" style="width:100%;border-collapse:collapse;">
    ${joined(rows)}
  </table>`;
}

function card(title: string, content: Markup): Markup {
  return cardOf(
    html`<h2 class="text" style="${`margin:0 0 8px;font-size:17px;color:${COLORS.text};`}">${title}</h2>
      ${content}`,
  );
}

function cardOf(content: Markup): Markup {
  const style = `padding:20px 24px;margin:0 0 16px;background:${COLORS.card};border:1px solid ${COLORS.line};border-radius:8px;`;
  return html`<div class="card pad" style="${style}">${content}</div> `;
}
