/** Defaults of the texts of a bridge (INTERFACE 5); an empty field means them. */
export const BRIDGE_PRESETS = { baseTopic: 'active-backup', discoveryPrefix: 'homeassistant' } as const;

/** Words of the properties that are a choice (INTERFACE 5), and which of them a new bridge has. */
export const BRIDGE_WORDS = {
  detail: { words: ['minimal', 'standard', 'full'], preset: 'standard' },
  devices: { words: ['none', 'problems', 'all'], preset: 'none' },
  language: { words: ['en', 'de'], preset: 'en' },
} as const;

/** Yes or no, and which of them a new bridge has. */
export const BRIDGE_FLAGS = { discovery: true, commands: false } as const;
