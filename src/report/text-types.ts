import type { DayOutcome, Protection } from '../monitor/protection-types';
import type { UnusualKind } from '../monitor/unusual';
import type { FindingKind, FindingSeverity } from './types';

/** What a finding says: which machines, why, since when. Empty texts are unknown. */
export interface FindingFacts {
  /** The machine, task or storage; of several the first names. */
  readonly subject: string;
  /** How many machines or tasks it is about. */
  readonly count: number;
  readonly reason: string;
  /** Failures in a row; null: unknown. */
  readonly failures: number | null;
  /** Of a late machine: its usual interval, `26 h`; and its last success, a time or empty. */
  readonly usual: string;
  readonly lastSuccess: string;
  readonly isOffline: boolean;
  /** Of an unusual backup: how it differs, and by which factor. */
  readonly unusual: UnusualKind | null;
  readonly factor: string;
  /** Of a storage: `8.1 %` or a size, and the date on which it is full. */
  readonly free: string;
  readonly fullAt: string;
}

type Sentence = (facts: FindingFacts) => string;

/** All texts of a report in one language. */
export interface ReportTexts {
  readonly title: string;
  readonly finding: Readonly<Record<FindingKind, { readonly text: Sentence; readonly advice: Sentence }>>;
  readonly severity: Readonly<Record<FindingSeverity, string>>;
  readonly protection: Readonly<Record<Protection, string>>;
  readonly day: Readonly<Record<DayOutcome, string>>;
  readonly headline: {
    readonly attention: (count: number, machines: number) => string;
    readonly allProtected: (machines: number) => string;
    readonly unknown: (unknown: number, machines: number) => string;
    readonly noMachines: string;
    readonly unreachable: (names: string) => string;
    /** After a headline: other findings. */
    readonly findings: (count: number) => string;
  };
  readonly section: Readonly<Record<'findings' | 'machines' | 'tasks' | 'storages' | 'nas', string>>;
  readonly column: Readonly<
    Record<
      | 'machine'
      | 'nas'
      | 'state'
      | 'lastSuccess'
      | 'expectedBy'
      | 'failures'
      | 'days'
      | 'task'
      | 'lastResult'
      | 'nextRun'
      | 'storage'
      | 'used'
      | 'free'
      | 'growth'
      | 'fullAt'
      | 'compliance',
      string
    >
  >;
  readonly status: Readonly<Record<string, string>>;
  readonly noFindings: string;
  /** What to do where every NAS has been read and no machine was found. */
  readonly noTasks: string;
  readonly nothingRead: string;
  readonly lastDays: (days: number) => string;
  readonly complianceOf: (made: string, due: string, percent: string) => string;
  readonly offline: string;
  readonly more: (count: number) => string;
  readonly perDay: (amount: string) => string;
  readonly hours: (hours: string) => string;
  readonly createdAt: (time: string) => string;
  readonly usedOf: (used: string, total: string) => string;
}
