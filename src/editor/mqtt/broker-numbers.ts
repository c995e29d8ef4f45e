/** Numbers of a broker node, with their ranges; seconds. */
export const BROKER_NUMBERS = { keepalive: { default: 60, min: 5, max: 3600 } } as const;
