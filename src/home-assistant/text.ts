import { transliterated } from './transliteration';

/** The longest state that Home Assistant takes. */
export const STATE_LENGTH = 255;
/** The longest text in an event or among attributes. */
export const TEXT_LENGTH = 1000;
const SLUG_LENGTH = 64;
/**
 * Releases of Home Assistant before 2025.10 make entity ids of the names of device and entity, cut them to 255 characters
 * and refuse one that then ends with `_`. This much of it is for the name of the device.
 */
const MAX_NAME_SLUG_LENGTH = 180;
/** Of one letter of a script that we cannot transliterate, with its separator: Unidecode writes `Zhuang ` for one. */
const MAX_LETTER_LENGTH = 8;

/** What no MQTT broker, JSON parser or screen should have to bear: control characters become spaces, the others go. */
const CONTROL = /\p{Cc}+/gu;
const UNFIT = /[\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** A text of the NAS on one line, never longer than `most`; null when nothing is left of it. */
export function sanitizeText(text: string | null, most = STATE_LENGTH): string | null {
  const plain = (text ?? '').replace(CONTROL, ' ').replace(UNFIT, '').trim();
  return plain === '' ? null : shortened(plain, most);
}

/**
 * A name as Home Assistant writes it in entity ids, cut to 64 characters: `Büro & Empfang` → `buro_empfang`, `сервер 1` →
 * `server_1`. Empty when nothing is left, or when its script cannot be transliterated.
 */
export function slugOf(name: string): string {
  const latin = transliterated(name)?.replace(/(\d),(?=\d)/g, '$1') ?? '';
  return trimmed(trimmed(latin.replace(/[^a-z0-9]+/g, '_')).slice(0, SLUG_LENGTH));
}

/** A name for a device, cut where its entity ids would become too long for older releases of Home Assistant. */
export function fitDeviceName(name: string): string {
  if ((transliterated(name)?.length ?? name.length * MAX_LETTER_LENGTH) <= MAX_NAME_SLUG_LENGTH) return name;
  const letters = Array.from(name);
  const lengths = letters.map((letter) => transliterated(letter)?.length ?? MAX_LETTER_LENGTH);
  let length = 0;
  const end = lengths.findIndex((each) => (length += each) > MAX_NAME_SLUG_LENGTH);
  return end === -1 ? name : `${letters.slice(0, end).join('').trimEnd()}…`;
}

/** How many bytes a text takes on the wire. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Cuts between two characters, never within one, and shows it. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(UNFIT, '')}…`;
}

function trimmed(slug: string): string {
  return slug.replace(/^_+|_+$/g, '');
}
