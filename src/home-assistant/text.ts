import { transliterated } from './transliteration';

/** The longest state in Home Assistant. */
export const STATE_LENGTH = 255;
/** The longest text in an event or in attributes. */
export const TEXT_LENGTH = 1000;
const SLUG_LENGTH = 64;
/**
 * Longest transliterated device name. Releases of Home Assistant before 2025.10 build entity ids from the names of
 * device and entity, cut them at 255 characters and reject an id that then ends with `_`.
 */
const MAX_NAME_SLUG_LENGTH = 180;
/** Of one letter that cannot be transliterated here, with its separator: Unidecode writes `Zhuang ` for one. */
const MAX_LETTER_LENGTH = 8;

/**
 * Characters that MQTT brokers, JSON parsers or screens may not accept: control characters become spaces, the others
 * are removed.
 */
const CONTROL = /\p{Cc}+/gu;
const UNFIT = /[\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** A text of the NAS as a single line of at most `most` characters; null when nothing is left. */
export function sanitizeText(text: string | null, most = STATE_LENGTH): string | null {
  const plain = (text ?? '').replace(CONTROL, ' ').replace(UNFIT, '').trim();
  return plain === '' ? null : shortened(plain, most);
}

/**
 * A name in the form Home Assistant uses in entity ids, cut at 64 characters: `Büro & Empfang` → `buro_empfang`,
 * `сервер 1` → `server_1`. Empty when nothing is left, or when the script cannot be transliterated.
 */
export function slugOf(name: string): string {
  const latin = transliterated(name)?.replace(/(\d),(?=\d)/g, '$1') ?? '';
  return trimmed(trimmed(latin.replace(/[^a-z0-9]+/g, '_')).slice(0, SLUG_LENGTH));
}

/** A device name, cut if its entity ids would be too long for older releases of Home Assistant. */
export function fitDeviceName(name: string): string {
  if ((transliterated(name)?.length ?? name.length * MAX_LETTER_LENGTH) <= MAX_NAME_SLUG_LENGTH) return name;
  const letters = Array.from(name);
  const lengths = letters.map((letter) => transliterated(letter)?.length ?? MAX_LETTER_LENGTH);
  let length = 0;
  const end = lengths.findIndex((each) => (length += each) > MAX_NAME_SLUG_LENGTH);
  return end === -1 ? name : `${letters.slice(0, end).join('').trimEnd()}…`;
}

/** Size of a text in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Cuts between two characters and appends `…`. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(UNFIT, '')}…`;
}

function trimmed(slug: string): string {
  return slug.replace(/^_+|_+$/g, '');
}
