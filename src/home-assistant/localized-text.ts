import type { Language } from '../settings/bridge-settings';

/** A text in every language. */
export type LocalizedText = Readonly<Record<Language, string>>;
