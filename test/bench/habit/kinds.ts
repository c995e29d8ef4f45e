/** Kinds of machines, with their share of a fleet. */
export const KINDS = {
  'office PC': 0.3,
  laptop: 0.24,
  'daily server': 0.2,
  continuous: 0.06,
  'by event': 0.16,
  retired: 0.04,
} as const;

/** One of {@link KINDS}. */
export type Kind = keyof typeof KINDS;
