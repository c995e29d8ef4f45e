/** Numbers a config node stores, by property: their default and what is allowed. */
type NumberFields = Readonly<Record<string, { default: number; min: number; max: number; whole?: boolean }>>;

/** Numbers of a NAS node, with the ranges of INTERFACE 2.1; seconds and hours. */
export const NAS_NUMBERS = {
  port: { default: 5001, min: 1, max: 65535, whole: true },
  timeout: { default: 30, min: 1, max: 600 },
  pollInterval: { default: 60, min: 5, max: 86400 },
  activePollInterval: { default: 5, min: 1, max: 3600 },
  overdueHours: { default: 0, min: 0, max: 24 * 366 },
} as const satisfies NumberFields;
