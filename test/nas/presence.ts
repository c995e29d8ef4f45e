import { addLog } from './history';
import { wallTime } from './schedule';
import type { Device, Presence, World } from './world';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Edges are searched this far ahead: two weeks contain each weekday, whatever the spread. */
const SEARCH_DAYS = 15;
const LOG = { connected: 5001, disconnected: 5010 } as const;

/** A presence with defaults: on workdays from 8:00 to 17:30, up to 40 minutes later. */
export function presenceOf(given: Partial<Presence> = {}): Presence {
  return { weekdays: [1, 2, 3, 4, 5], from: 8, to: 17.5, spreadMinutes: 40, away: [], ...given };
}

/** A number from 0 up to 1 that is the same for the same day and device, so that the past needs no memory. */
function fractionOf(day: number, deviceId: number): number {
  const mixed = Math.imul(day * 2_654_435_761 + deviceId * 40_503, 2_246_822_519) >>> 0;
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

/** When the device is connected on the local day of `at`; null on its days off. Epoch seconds. */
function hoursOf(
  presence: Presence,
  deviceId: number,
  at: number,
  utcOffsetSeconds: number,
): { from: number; to: number } | null {
  const { day, weekday } = wallTime(at, utcOffsetSeconds);
  if (!presence.weekdays.includes(weekday)) return null;
  const midnight = day * DAY - utcOffsetSeconds;
  const late = Math.floor(fractionOf(day, deviceId) * presence.spreadMinutes) * 60;
  return { from: midnight + presence.from * HOUR + late, to: midnight + presence.to * HOUR };
}

/** Whether a device is connected at `at` (epoch seconds), in the past or in the future. */
export function isPresent(presence: Presence, deviceId: number, at: number, utcOffsetSeconds: number): boolean {
  if (presence.away.some(([from, to]) => at >= from && at < to)) return false;
  const hours = hoursOf(presence, deviceId, at, utcOffsetSeconds);
  return hours !== null && at >= hours.from && at < hours.to;
}

/** When a device comes or goes next after `at`; Infinity: never. */
function nextEdge(presence: Presence, deviceId: number, at: number, utcOffsetSeconds: number): number {
  const ends = presence.away.flat().filter((edge) => edge > at && edge < Infinity);
  const edges = [at, ...ends].flatMap((start) =>
    Array.from({ length: SEARCH_DAYS }, (_, ahead) => {
      const hours = hoursOf(presence, deviceId, start + ahead * DAY, utcOffsetSeconds);
      return hours === null ? [] : [hours.from, hours.to];
    }).flat(),
  );
  const now = isPresent(presence, deviceId, at, utcOffsetSeconds);
  const changes = [...edges, ...ends].filter(
    (edge) => edge > at && isPresent(presence, deviceId, edge, utcOffsetSeconds) !== now,
  );
  return Math.min(Infinity, ...changes);
}

/** Gives a device hours in which it is connected, or takes them away (null), from now on. */
export function setPresence(world: World, device: Device, presence: Presence | null): void {
  device.presence = presence;
  world.presenceEdges.delete(device.id);
  if (presence === null) return;
  connect(device, isPresent(presence, device.id, world.simulatedUntil, world.utcOffsetSeconds));
  world.presenceEdges.set(device.id, nextEdge(presence, device.id, world.simulatedUntil, world.utcOffsetSeconds));
}

function connect(device: Device, online: boolean): void {
  device.online = online;
  device.canBackup = online;
}

/** When the next device comes or goes, epoch seconds; Infinity: never. */
export function nextPresenceAt(world: World): number {
  let next = Infinity;
  for (const edge of world.presenceEdges.values()) if (edge < next) next = edge;
  return next;
}

/** Connects and disconnects the devices that come or go at `at`. @returns those that came */
export function applyPresence(world: World, at: number): Device[] {
  const came: Device[] = [];
  for (const [id, edge] of world.presenceEdges) {
    if (edge > at) continue;
    const device = world.devices.get(id);
    if (device === undefined || device.presence === null) {
      world.presenceEdges.delete(id);
      continue;
    }
    const online = isPresent(device.presence, id, at, world.utcOffsetSeconds);
    world.presenceEdges.set(id, nextEdge(device.presence, id, at, world.utcOffsetSeconds));
    if (online === device.online) continue;
    connect(device, online);
    addLog(world, at, { type: online ? LOG.connected : LOG.disconnected, device });
    if (!online) continue;
    device.loggedInAt = Math.floor(at);
    came.push(device);
  }
  return came;
}

/** When a device came, between `from` and `to`, oldest first: the starts of its days. */
export function arrivals(device: Device, from: number, to: number, utcOffsetSeconds: number): number[] {
  const { presence } = device;
  if (presence === null) return [];
  const days = Math.max(0, Math.ceil((to - from) / DAY) + 1);
  return Array.from({ length: days }, (_, index) =>
    hoursOf(presence, device.id, from + index * DAY, utcOffsetSeconds),
  ).flatMap((hours) =>
    hours !== null &&
    hours.from >= from &&
    hours.from < to &&
    isPresent(presence, device.id, hours.from, utcOffsetSeconds)
      ? [hours.from]
      : [],
  );
}
