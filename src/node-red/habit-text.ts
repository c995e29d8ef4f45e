import type { NodeAPI } from 'node-red';
import type { DeviceProtection, Habit } from '../monitor/protection-types';
import type { UnusualBackup } from '../monitor/unusual';

const CATALOGUE = 'node-red-contrib-synology-active-backup/events:text';
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const WEEK_MS = 7 * 24 * 3600_000;

/** Keys of the texts below `text` in the catalogue of the events node that describe a device. */
export const HABIT_KEYS: readonly string[] = [
  ...['late.schedule', 'late.learned', 'late.hours', 'late.unknown', 'every', 'everyOn', 'never', 'last'].map(
    (key) => `habit.${key}`,
  ),
  ...['workdays', ...WEEKDAYS].map((day) => `day.${day}`),
  ...['larger', 'smaller', 'longer', 'empty', 'unknown'].map((kind) => `unusual.${kind}`),
];

/**
 * Why a device is late, in the language and time zone of Node-RED: `late by its own habit (usually every 26 h on weekdays; last
 * success Friday 18:10)`.
 */
export function habitText(
  RED: NodeAPI,
  { habit, lastSuccessAt }: Pick<DeviceProtection, 'habit' | 'lastSuccessAt'>,
  now: Date,
): string {
  const text = (key: string, values: Record<string, string> = {}): string => RED._(`${CATALOGUE}.${key}`, values);
  const last =
    lastSuccessAt === null ? text('habit.never') : text('habit.last', { when: whenText(text, lastSuccessAt, now) });
  const hours = numberText(habit?.typicalGapHours ?? 0);
  return text(`habit.late.${habit?.source ?? 'learned'}`, { hours, usual: usualText(text, habit, hours), last });
}

/** How a backup is unusual, with its likely meaning: `7 × its usual size: an update, a large copy …`. */
export function unusualText(RED: NodeAPI, { kind, factor }: UnusualBackup): string {
  const key = factor === 0 ? 'empty' : kind;
  const times = factor >= 1 || factor === 0 ? numberText(factor) : `1/${numberText(1 / factor)}`;
  return RED._(`${CATALOGUE}.unusual.${key}`, { factor: times });
}

type Text = (key: string, values?: Record<string, string>) => string;

function usualText(text: Text, habit: Habit | null, hours: string): string {
  const days = [1, 2, 3, 4, 5, 6, 0].filter((day) => habit?.offDays.includes(day) !== true);
  if (days.length === 7) return text('habit.every', { hours });
  const isWorkdays = days.join() === '1,2,3,4,5';
  const names = isWorkdays ? text('day.workdays') : days.map((day) => text(`day.${WEEKDAYS[day] ?? ''}`)).join(', ');
  return text('habit.everyOn', { hours, days: names });
}

/** `Friday 18:10` within a week, else `2026-03-01 18:10`. */
function whenText(text: Text, time: string, now: Date): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const isRecent = Math.abs(now.getTime() - date.getTime()) < WEEK_MS;
  if (isRecent) return `${text(`day.${WEEKDAYS[date.getDay()] ?? ''}`)} ${clock}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** Two significant digits below ten, else none after the point. */
function numberText(value: number): string {
  return String(value < 10 ? Number(value.toPrecision(2)) : Math.round(value));
}
