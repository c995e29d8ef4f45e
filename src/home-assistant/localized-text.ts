/** A language in which names may be shown. */
export type Language = 'en' | 'de';

/** A text in every language. */
export type LocalizedText = Readonly<Record<Language, string>>;
