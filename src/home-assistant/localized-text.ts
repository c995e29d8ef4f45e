import type { Language } from '../settings/bridge-settings';

/** A text in all supported languages. */
export type LocalizedText = Readonly<Record<Language, string>>;
