import type { ReportTexts } from './text-types';

const because = (reason: string): string => (reason === '' ? '' : `: ${reason}`);

/** English. */
export const EN: ReportTexts = {
  title: 'Backup report',
  finding: {
    nas_unreachable: {
      text: ({ reason }) => `No data from the NAS${because(reason)}`,
      advice: () =>
        'Check that the NAS is switched on and reachable, and the account in its node. Anything known from before is below.',
    },
    devices_failing: {
      text: ({ subject, count, reason, failures }) => {
        if (count > 1) return `Backups of ${count} machines fail${because(reason)} (${subject})`;
        return failures !== null && failures > 1
          ? `${subject}: the last ${failures} backups failed${because(reason)}`
          : `${subject}: the last backup failed${because(reason)}`;
      },
      advice: ({ reason }) =>
        reason === ''
          ? 'Open the log of the task in Active Backup: it names the cause. Then start a backup.'
          : 'Remove the cause, then start a backup.',
    },
    task_failing: {
      text: ({ subject, count, reason }) =>
        count > 1
          ? `Backups of ${count} tasks fail${because(reason)} (${subject})`
          : `${subject}: the last backup failed${because(reason)}`,
      advice: ({ reason }) =>
        reason === ''
          ? 'Open the log of the task in Active Backup: it names the cause. Then start a backup.'
          : 'Remove the cause, then start a backup.',
    },
    device_late: {
      text: ({ subject, count, usual, lastSuccess }) => {
        if (count > 1) return `${count} machines are late by their own habit (${subject})`;
        const facts = [usual && `usually every ${usual}`, `last success ${lastSuccess || 'unknown'}`].filter(Boolean);
        return `${subject} is late by its own habit (${facts.join('; ')})`;
      },
      advice: ({ isOffline, count }) =>
        isOffline
          ? `Not connected now: switch ${count > 1 ? 'them' : 'it'} on, connected to the network of the NAS. The backup then starts by its schedule, or start it yourself.`
          : 'Connected, but no backup succeeds: start one, and check the schedule of the task and the agent on the machine.',
    },
    task_overdue: {
      text: ({ subject, count, lastSuccess }) =>
        count > 1
          ? `${count} tasks are overdue (${subject})`
          : `${subject} is overdue (last success ${lastSuccess || 'unknown'})`,
      advice: () => 'Check that its machines are switched on and its schedule is active, then start a backup.',
    },
    storage_full: {
      text: ({ subject, free, fullAt }) =>
        fullAt === '' ? `${subject} is full: ${free} free` : `${subject} will be full on ${fullAt}: ${free} free`,
      advice: () => 'Backups fail when it is full. Delete old versions, shorten the retention, or add drives.',
    },
    storage_low: {
      text: ({ subject, free }) => `${subject} is low on space: ${free} free`,
      advice: () => 'Delete old versions, shorten the retention, or add drives.',
    },
    storage_filling: {
      text: ({ subject, free, fullAt }) => `${subject} will be full on ${fullAt}: ${free} free`,
      advice: () => 'Plan more space, or shorten the retention.',
    },
    device_never: {
      text: ({ subject, count }) =>
        count > 1
          ? `${count} machines have a task but no successful backup yet (${subject})`
          : `${subject} has a task but no successful backup yet`,
      advice: () => 'Start the first backup, and check that the machine is connected.',
    },
    task_partial: {
      text: ({ subject, reason }) => `${subject}: the last backup left something out${because(reason)}`,
      advice: () => 'The log of the task in Active Backup names the files: make them readable or exclude them.',
    },
    device_unprotected: {
      text: ({ subject, count }) =>
        count > 1 ? `${count} machines have no backup task (${subject})` : `${subject} has no backup task`,
      advice: () => 'Create a task in Active Backup, or remove the machine from the list.',
    },
    backup_unusual: {
      text: ({ subject, unusual, factor }) =>
        `${subject}: the last backup ${unusual === 'longer' ? 'took' : 'had'} ${factor} × its usual ${unusual === 'longer' ? 'time' : 'size'}`,
      advice: ({ unusual }) =>
        unusual === 'longer'
          ? 'A hint: perhaps the network, a disk or the NAS is slow or busy.'
          : unusual === 'smaller'
            ? 'A hint: check whether data was moved or excluded, or a disk is missing.'
            : 'A hint: check whether much has changed – an update or a large copy – or files were encrypted by malware.',
    },
    outcomes_unknown: {
      text: ({ count }) => `The outcomes of ${count === 1 ? '1 machine' : `${count} machines`} are unknown`,
      advice: () =>
        'The NAS has not reported the outcomes per machine yet, or refuses them to this account. The tasks below are judged as a whole.',
    },
  },
  severity: { error: 'Error', warning: 'Warning', info: 'Note' },
  protection: {
    protected: 'protected',
    late: 'late',
    failing: 'failing',
    never: 'never backed up',
    unprotected: 'no task',
    unknown: 'unknown',
  },
  day: {
    success: 'successful',
    partial: 'partly successful',
    failed: 'failed',
    cancelled: 'cancelled',
    none: 'no backup',
    off: 'none due',
  },
  headline: {
    attention: (count, machines) =>
      `${count} of ${machines} ${machines === 1 ? 'machine' : 'machines'} ${count === 1 ? 'needs' : 'need'} attention`,
    allProtected: (machines) =>
      machines === 1 ? 'The machine is protected' : `All ${machines} machines are protected`,
    unknown: (unknown, machines) => `${unknown} of ${machines} machines: protection unknown`,
    noMachines: 'No machine is known',
    unreachable: (names) => `No data from ${names}`,
    findings: (count) => (count === 1 ? '1 other finding' : `${count} other findings`),
  },
  section: { findings: 'What to do', machines: 'Machines', tasks: 'Tasks', storages: 'Storages', nas: 'NAS' },
  column: {
    machine: 'Machine',
    nas: 'NAS',
    state: 'State',
    lastSuccess: 'Last success',
    expectedBy: 'Expected by',
    failures: 'Failures in a row',
    days: 'Days',
    task: 'Task',
    lastResult: 'Last result',
    nextRun: 'Next run',
    storage: 'Storage',
    used: 'Used',
    free: 'Free',
    growth: 'Growth',
    fullAt: 'Full on',
    compliance: 'Backups made of those due',
  },
  status: {
    success: 'successful',
    partial: 'partly successful',
    failed: 'failed',
    cancelled: 'cancelled',
    no_backup: 'no backup',
    running: 'running',
    none: 'none',
    unknown: 'unknown',
  },
  noFindings: 'Nothing to do.',
  noTasks: 'Create a backup task in Active Backup, or check which tasks the account may see.',
  nothingRead: 'not read yet',
  lastDays: (days) => `Last ${days} days`,
  complianceOf: (made, due, percent) => `${made} of ${due} due backups made (${percent})`,
  offline: 'no data',
  more: (count) => `and ${count} more`,
  perDay: (amount) => `${amount} per day`,
  hours: (hours) => `${hours} h`,
  createdAt: (time) => `Created ${time}`,
  usedOf: (used, total) => `${used} of ${total}`,
};
