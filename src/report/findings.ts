import type { TaskSnapshot } from '../monitor/snapshot';
import { createFormatter } from './format';
import type { FindingContext, RawFinding } from './raw-finding';
import { storageFindings } from './storage-findings';
import type { FindingFacts } from './text-types';
import { reportTexts } from './texts';
import {
  FINDING_KINDS,
  SEVERITIES,
  type Finding,
  type FindingKind,
  type NasForReport,
  type ReportDevice,
  type ReportOptions,
  type ReportRef,
} from './types';

/** Names in a text; more are counted. */
const MAX_NAMES = 3;
/** From so many machines on that are late alike, they are one finding. */
const MANY_LATE = 4;

/**
 * What there is to do on all NASes: one finding for each thing to do, the worst first. A fault that hits several machines for one
 * reason is one finding; what a NAS that does not answer reports as late is part of that.
 * @param sources with their devices
 */
export function findingsOf(
  sources: ReadonlyMap<NasForReport, readonly ReportDevice[]>,
  options: ReportOptions,
): Finding[] {
  const texts = reportTexts(options.language);
  const format = createFormatter(options.language, options.timeZone);
  const found = [...sources].flatMap(([source, devices]) => {
    const context: FindingContext = { source, devices, options, format, texts };
    return findingsOfNas(context).map((raw) => ({ raw, finding: withWords(raw, context) }));
  });
  return found
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.raw.severity) - SEVERITIES.indexOf(b.raw.severity) ||
        FINDING_KINDS.indexOf(a.raw.kind) - FINDING_KINDS.indexOf(b.raw.kind) ||
        b.raw.names.length - a.raw.names.length,
    )
    .map(({ finding }) => finding);
}

function withWords(
  { kind, severity, facts, names, task, device, storage }: RawFinding,
  context: FindingContext,
): Finding {
  const { source, texts } = context;
  const rest = names.length - MAX_NAMES;
  const shown = names.slice(0, MAX_NAMES).join(', ');
  const subject = rest > 0 ? `${shown} ${texts.more(rest)}` : shown;
  const complete: FindingFacts = {
    subject,
    count: names.length,
    reason: '',
    failures: null,
    usual: '',
    lastSuccess: '',
    isOffline: false,
    unusual: null,
    factor: '',
    free: '',
    fullAt: '',
    ...facts,
  };
  const { text, advice } = texts.finding[kind];
  return {
    severity,
    kind,
    nas: { id: source.id, name: source.name },
    task: task ?? null,
    device: device ?? null,
    storage: storage ?? null,
    text: text(complete),
    advice: advice(complete),
  };
}

function findingsOfNas(context: FindingContext): RawFinding[] {
  const isOffline = context.source.error !== null || context.source.snapshot?.online !== true;
  return [
    ...(isOffline ? [unreachable(context)] : []),
    ...failingDevices(context),
    ...tasksJudgedAlone(context, isOffline),
    ...(isOffline ? [] : lateDevices(context)),
    ...storageFindings(context),
    ...devicesWith(context, 'never', 'device_never'),
    ...devicesWith(context, 'unprotected', 'device_unprotected'),
    ...partialTasks(context),
    ...unusualBackups(context),
    ...(isOffline ? [] : unknownOutcomes(context)),
  ];
}

function unreachable({ source }: FindingContext): RawFinding {
  return { kind: 'nas_unreachable', severity: 'error', facts: { reason: source.error ?? '' }, names: [source.name] };
}

const nameOf = ({ device }: ReportDevice): string => device.name ?? `#${device.id ?? '?'}`;
const refOf = (each: ReportDevice): ReportRef => ({ id: each.device.id, name: nameOf(each) });
const taskName = ({ task }: TaskSnapshot): string => task.name ?? `#${task.id ?? '?'}`;
const taskRef = (each: TaskSnapshot): ReportRef => ({ id: each.task.id, name: taskName(each) });

/** The cause in a reason that names a machine, so that machines with one cause are one finding: `backup failed: PC-7 (disk full)`. */
function causeIn(reason: string, machine: string): string {
  const before = `: ${machine} (`;
  const index = reason.indexOf(before);
  return index > 0 && reason.endsWith(')') ? reason.slice(index + before.length, -1) : reason;
}

/** The failing machines, one finding for each reason; those without a reason, for each set of tasks. */
function failingDevices({ source, devices }: FindingContext): RawFinding[] {
  const failing = devices.filter(({ protection }) => protection === 'failing');
  const tasks = source.snapshot?.tasks ?? [];
  const reason = (each: ReportDevice): string => {
    const { lastResult, taskIds } = each;
    if (lastResult?.status === 'failed' && lastResult.reason !== null) return causeIn(lastResult.reason, nameOf(each));
    const reasons = tasks
      .filter(({ task }) => task.id !== null && taskIds.includes(task.id))
      .flatMap(({ task }) => ({ isOwn: task.devices.length === 1, text: task.lastResult?.reason ?? '' }));
    // The reason of a task with several devices may be that of another one, unless it names this one.
    const found = reasons.find(({ isOwn, text }) => isOwn || text.includes(nameOf(each)))?.text ?? '';
    return causeIn(found, nameOf(each));
  };
  const groups = groupedBy(failing, (each) => reason(each) || `tasks ${each.taskIds.join()}`);
  return groups.map((group) => {
    const [first] = group;
    const single = group.length === 1 ? { device: refOf(first) } : {};
    const failures = group.length === 1 ? first.failuresInRow : null;
    const facts = { reason: reason(first), failures };
    return { kind: 'devices_failing', severity: 'error', facts, names: group.map(nameOf), ...single };
  });
}

/** The late machines: each one is a finding, but many that are late alike are one. */
function lateDevices(context: FindingContext): RawFinding[] {
  const late = context.devices.filter(({ protection }) => protection === 'late');
  return groupedBy(late, ({ online }) => String(online === false)).flatMap((group) =>
    group.length < MANY_LATE ? group.map((each) => lateFinding([each], context)) : [lateFinding(group, context)],
  );
}

function lateFinding(group: readonly [ReportDevice, ...ReportDevice[]], { format, texts }: FindingContext): RawFinding {
  const [first] = group;
  const facts = {
    usual: first.habit === null ? '' : texts.hours(format.number(Math.round(first.habit.typicalGapHours))),
    lastSuccess: first.lastSuccessAt === null ? '' : format.time(first.lastSuccessAt),
    isOffline: first.online === false,
  };
  const single = group.length === 1 ? { device: refOf(first) } : {};
  return { kind: 'device_late', severity: 'error', facts, names: group.map(nameOf), ...single };
}

function devicesWith(
  { devices }: FindingContext,
  protection: ReportDevice['protection'],
  kind: FindingKind,
): RawFinding[] {
  const found = devices.filter((each) => each.protection === protection);
  const [first] = found;
  if (first === undefined) return [];
  const single = found.length === 1 ? { device: refOf(first) } : {};
  return [{ kind, severity: 'warning', facts: {}, names: found.map(nameOf), ...single }];
}

/** Protections of a machine that are findings of their own, so that its overdue task is none. */
const EXPLAINS_OVERDUE: ReadonlySet<ReportDevice['protection']> = new Set(['failing', 'late', 'never']);

/** Tasks with a machine whose outcomes are unknown: only the task itself says whether its backups fail or are overdue. */
function tasksJudgedAlone({ source, devices, format }: FindingContext, isOffline: boolean): RawFinding[] {
  const known = new Set(devices.filter(({ protection }) => protection !== 'unknown').map(({ device }) => device.id));
  const alone = (source.snapshot?.tasks ?? []).filter(
    ({ task }) => task.devices.length === 0 || task.devices.some(({ id }) => !known.has(id)),
  );
  const failing = alone.filter((each) => each.failing === true);
  // A task may be overdue although its machines are not late yet: then it is said of the task.
  const explained = new Set(
    devices.filter(({ protection }) => EXPLAINS_OVERDUE.has(protection)).flatMap(({ taskIds }) => taskIds),
  );
  const overdue = (source.snapshot?.tasks ?? []).filter(
    ({ task, failing: fails }) =>
      task.overdue === true && fails !== true && !isOffline && !(task.id !== null && explained.has(task.id)),
  );
  const reason = ({ task }: TaskSnapshot): string => task.lastResult?.reason ?? '';
  return [
    ...groupedBy(failing, (each) => reason(each) || taskName(each)).map((group): RawFinding => {
      const single = group.length === 1 ? { task: taskRef(group[0]) } : {};
      const facts = { reason: reason(group[0]) };
      return { kind: 'task_failing', severity: 'error', facts, names: group.map(taskName), ...single };
    }),
    ...overdue.map((each): RawFinding => {
      const { lastSuccessAt } = each.task;
      const facts = { lastSuccess: lastSuccessAt === null ? '' : format.time(lastSuccessAt) };
      return { kind: 'task_overdue', severity: 'error', facts, names: [taskName(each)], task: taskRef(each) };
    }),
  ];
}

/** Tasks whose last backup left something out, unless a failing machine explains it. */
function partialTasks({ source, devices }: FindingContext): RawFinding[] {
  const explained = new Set(
    devices
      .filter(({ protection }) => protection === 'failing' || protection === 'late')
      .flatMap(({ taskIds }) => taskIds),
  );
  return (source.snapshot?.tasks ?? [])
    .filter(({ task, failing, recent }) => {
      const last = recent[0]?.status ?? task.lastResult?.status;
      return last === 'partial' && failing !== true && !(task.id !== null && explained.has(task.id));
    })
    .map((each) => ({
      kind: 'task_partial',
      severity: 'warning',
      facts: { reason: each.recent[0]?.reason ?? each.task.lastResult?.reason ?? '' },
      names: [taskName(each)],
      task: taskRef(each),
    }));
}

/** A hint for each machine whose last success differs from the earlier ones. */
function unusualBackups({ devices, format }: FindingContext): RawFinding[] {
  return devices.flatMap((each): RawFinding[] => {
    const { unusual } = each;
    if (unusual === null) return [];
    const facts = { unusual: unusual.kind, factor: format.number(unusual.factor) };
    return [{ kind: 'backup_unusual', severity: 'info', facts, names: [nameOf(each)], device: refOf(each) }];
  });
}

function unknownOutcomes({ devices }: FindingContext): RawFinding[] {
  const unknown = devices.filter(({ protection }) => protection === 'unknown');
  if (unknown.length === 0) return [];
  return [{ kind: 'outcomes_unknown', severity: 'info', facts: {}, names: unknown.map(nameOf) }];
}

/** Groups in the order of their first member; none is empty. */
function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
