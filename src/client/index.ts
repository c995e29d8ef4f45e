/**
 * What programs import: `node-red-contrib-synology-active-backup/client` (docs/programs.md). Version 0: names may change with any
 * minor release; changes are in the changelog.
 */
export { openNas } from './nas-client';
export type { EventOptions, NasClient, NasClientOptions } from './nas-client';
export type { NasConnection } from './nas-connection';
export type { NasOptions } from './nas-options';

export { DiskStation } from '../dsm/diskstation';
export type { DiskStationOptions } from '../dsm/diskstation';
export type { Account } from '../dsm/auth';
export type { CertificatePolicy } from '../dsm/certificate';
export type { DsmRequest } from '../dsm/dsm-request';
export { DsmError } from '../dsm/errors';
export type { DsmCause, ErrorCode } from '../dsm/errors';
export type { Logger } from '../dsm/request-log';

export { ActiveBackup } from '../active-backup/active-backup';
export type { CallResult, MethodCall } from '../active-backup/method-call';
export { METHODS } from '../active-backup/methods';
export type { AccessLevel, Method } from '../active-backup/methods';
export type { NasInfo } from '../active-backup/nas-info';
export type { Share, Storage, StorageOverview, Volume } from '../active-backup/storage-types';
export type {
  AemInfo,
  Device,
  DeviceResult,
  Progress,
  Result,
  Retention,
  Schedule,
  Task,
} from '../active-backup/types';

export { EVENTS } from '../monitor/events';
export type { EventName, NasEvent } from '../monitor/events';
export type { NasMonitor } from '../monitor/nas-monitor';
export type { TaskPoller, PollResult } from '../monitor/poller';
export type { DeviceProtection, Protection } from '../monitor/protection-types';
export type { NasSnapshot, StorageSnapshot, TaskSnapshot } from '../monitor/snapshot';

export { headlineOf } from '../report/headline';
export { renderReport } from '../report/render';
export type { RenderedReport } from '../report/render';
export { buildReport } from '../report/report';
export type { Finding, NasForReport, Report, ReportDevice, ReportNas, ReportOptions } from '../report/types';
