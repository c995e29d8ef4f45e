import type { JsonObject } from '../../dsm/json';
import { LOG_LEVEL, codeToName } from '../codes';
import { LOG_TYPE, RESULT_ERROR } from '../log-types';
import { objectOf, integerOf, objectsOf, textOf } from '../json-fields';

/**
 * Log types that only repeat how the run ended: cancelled, failed, with warnings, partial. Other rows give the cause.
 */
const ENDINGS: ReadonlySet<number | null> = new Set([1103, 1104, 1105, 1108, 9077]);

/**
 * The reason of a failure from `Log.list_result_detail`: its first error, or its first warning, as `backup of a path
 * failed: documents (no permission on the source)`, with `, and 3 more` if there are others.
 * @returns null when the details contain neither
 */
export function parseFailureReason(data: unknown): string | null {
  const rows = objectsOf(objectOf(data)['result_detail_list']);
  const errors = rowsOfLevel(rows, 'error');
  const bad = errors.length > 0 ? errors : rowsOfLevel(rows, 'warning');
  const causes = bad.filter((row) => !ENDINGS.has(integerOf(row['log_type'])));
  const relevant = causes.length > 0 ? causes : bad.slice(0, 1);
  const [first, ...others] = relevant;
  if (first === undefined) return null;
  return rowText(first) + (others.length > 0 ? `, and ${others.length} more` : '');
}

function rowsOfLevel(rows: readonly JsonObject[], level: string): readonly JsonObject[] {
  return rows.filter((row) => codeToName(LOG_LEVEL, integerOf(row['log_level'])) === level);
}

function rowText(row: JsonObject): string {
  const type = integerOf(row['log_type']);
  const words = codeToName(LOG_TYPE, type);
  const about = objectOf(row['other_params']);
  const subject = textOf(about['path']) ?? textOf(about['device_name']);
  const error = errorText(about['fs_error']) ?? errorText(about['error_code']) ?? errorText(row['error_code']);
  return [
    words === 'unknown' ? `log type ${type ?? 'unknown'}` : words,
    subject === null ? '' : `: ${subject}`,
    error === null ? '' : ` (${error})`,
  ].join('');
}

/** 0 means no error, also in rows of failed runs (docs/facts/dsm.md §2.2). */
function errorText(raw: unknown): string | null {
  const code = integerOf(raw);
  if (code === null || code === 0) return null;
  const words = codeToName(RESULT_ERROR, code);
  return words === 'unknown' ? `error ${code}` : words;
}
