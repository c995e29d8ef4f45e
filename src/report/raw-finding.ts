import type { Formatter } from './format';
import type { FindingFacts, ReportTexts } from './text-types';
import type { FindingKind, NasForReport, ReportDevice, ReportOptions, ReportRef, FindingSeverity } from './types';

/** A finding before it has words. */
export interface RawFinding {
  readonly kind: FindingKind;
  readonly severity: FindingSeverity;
  readonly facts: Partial<FindingFacts>;
  /** The names that it is about; the first ones become its subject. */
  readonly names: readonly string[];
  readonly task?: ReportRef;
  readonly device?: ReportRef;
  readonly storage?: ReportRef;
}

/** What the findings of one NAS are made from. */
export interface FindingContext {
  readonly source: NasForReport;
  /** The devices of this NAS. */
  readonly devices: readonly ReportDevice[];
  readonly options: ReportOptions;
  readonly format: Formatter;
  readonly texts: ReportTexts;
}
