import type { DayOutcome, DeviceProtection, Protection } from '../monitor/protection-types';
import { findingsOf } from './findings';
import { runsOf } from './runs';
import type { Compliance, NasForReport, Report, ReportDevice, ReportNas, ReportOptions, ReportTotals } from './types';

/**
 * How well every machine of these NASes is protected (docs/interface.md §4, Report). What was never read is null and counts for
 * nothing: neither as protected nor as a problem.
 */
export function buildReport(sources: readonly NasForReport[], options: ReportOptions): Report {
  // By source, not by the id of the NAS: two NAS nodes may be the same NAS, with different rights.
  const own = new Map(sources.map((source) => [source, devicesOf(source, options.days).sort(byNeed)]));
  const devices = [...own.values()].flat().sort(byNeed);
  const nas = sources.map((source) => nasOf(source, own.get(source) ?? [], options.at));
  return {
    at: options.at.toISOString(),
    days: options.days,
    nas,
    devices,
    totals: totalsOf(devices),
    compliance: complianceOf(devices),
    findings: findingsOf(own, options),
  };
}

/** @param devices of this NAS */
function nasOf(source: NasForReport, devices: readonly ReportDevice[], at: Date): ReportNas {
  const { id, name, description, snapshot, error } = source;
  return {
    id,
    name,
    online: error === null && snapshot?.online === true,
    error,
    model: description.model,
    tasks: snapshot?.tasks?.map(({ task }) => task) ?? null,
    storages: snapshot?.storages?.map((storage) => ({ ...storage })) ?? null,
    runs: runsOf(source, at),
    compliance: complianceOf(devices),
  };
}

function devicesOf({ id, name, snapshot }: NasForReport, days: number): ReportDevice[] {
  if (snapshot === null) return [];
  const judged = snapshot.protections ?? (snapshot.devices ?? []).map(unknownProtection);
  return judged.map((device) => ({ ...device, days: device.days.slice(-days), nas: { id, name } }));

  /** A device while nothing is known about its backups. Without a task it is unprotected, which needs no outcomes. */
  function unknownProtection(device: DeviceProtection['device']): DeviceProtection {
    const tasks = snapshot?.tasks ?? null;
    const own = (tasks ?? []).filter(({ task }) => task.devices.some((each) => each.id === device.id));
    return {
      device,
      taskIds: own.flatMap(({ task }) => task.id ?? []),
      protection: tasks !== null && own.length === 0 ? 'unprotected' : 'unknown',
      online: device.online,
      lastResult: null,
      lastSuccessAt: null,
      failuresInRow: null,
      expectedBy: null,
      habit: null,
      unusual: null,
      days: [],
    };
  }
}

/** The worst first; unknown before protected, because it may be anything. */
const BY_NEED: readonly Protection[] = ['failing', 'late', 'never', 'unprotected', 'unknown', 'protected'];

/** The order of people: what needs attention first, then by name. */
function byNeed(a: ReportDevice, b: ReportDevice): number {
  return (
    BY_NEED.indexOf(a.protection) - BY_NEED.indexOf(b.protection) ||
    a.nas.name.localeCompare(b.nas.name) ||
    (a.device.name ?? '').localeCompare(b.device.name ?? '') ||
    (a.device.id ?? 0) - (b.device.id ?? 0)
  );
}

function totalsOf(devices: readonly ReportDevice[]): ReportTotals {
  const totals: ReportTotals = {
    machines: devices.length,
    failing: 0,
    late: 0,
    never: 0,
    unprotected: 0,
    protected: 0,
    unknown: 0,
  };
  for (const { protection } of devices) totals[protection] += 1;
  return totals;
}

/** Days that do not count: nothing was due. */
const NOT_DUE: ReadonlySet<DayOutcome> = new Set(['off']);

/** The backups made of those due. Today counts only when it has an outcome: the day is not over. */
function complianceOf(devices: readonly Pick<ReportDevice, 'days'>[]): Compliance {
  let made = 0;
  let due = 0;
  for (const { days } of devices) {
    for (const [index, day] of days.entries()) {
      if (NOT_DUE.has(day) || (day === 'none' && index === days.length - 1)) continue;
      due += 1;
      if (day === 'success') made += 1;
    }
  }
  return { made, due, percent: due === 0 ? null : Math.floor((1000 * made) / due) / 10 };
}
