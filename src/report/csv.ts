import type { Report } from './types';

/** Columns, in English and never renamed, because programs read them. */
const COLUMNS = [
  'nas_id',
  'nas',
  'device_id',
  'device',
  'type',
  'os',
  'protection',
  'online',
  'last_result',
  'last_result_at',
  'reason',
  'last_success',
  'expected_by',
  'failures_in_row',
  'days_due',
  'days_made',
] as const;

/**
 * The machines as CSV (RFC 4180, UTF-8, CRLF), one row each; times are ISO 8601 in UTC, unknown values empty. Texts that a spreadsheet
 * would take for a formula begin with an apostrophe.
 */
export function csvReport(report: Report): string {
  const rows = report.devices.map((each): Record<(typeof COLUMNS)[number], string | number | boolean | null> => {
    const days = each.days.slice(0, -1).filter((day) => day !== 'off');
    return {
      nas_id: each.nas.id,
      nas: each.nas.name,
      device_id: each.device.id,
      device: each.device.name,
      type: each.device.type,
      os: each.device.os,
      protection: each.protection,
      online: each.online,
      last_result: each.lastResult?.status ?? null,
      last_result_at: each.lastResult?.endedAt ?? null,
      reason: each.lastResult?.reason ?? null,
      last_success: each.lastSuccessAt,
      expected_by: each.expectedBy,
      failures_in_row: each.failuresInRow,
      days_due: days.length,
      days_made: days.filter((day) => day === 'success').length,
    };
  });
  const lines = [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((name) => field(row[name])).join(','))];
  return lines.map((line) => `${line}\r\n`).join('');
}

function field(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
