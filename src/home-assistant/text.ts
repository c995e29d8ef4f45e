/** The longest state that Home Assistant takes. */
export const STATE_LENGTH = 255;
/** The longest text in an event or among attributes. */
export const TEXT_LENGTH = 1000;
const SLUG_LENGTH = 64;

/** What no MQTT broker, JSON parser or screen should have to bear: control characters become spaces, the others go. */
const CONTROL = /\p{Cc}+/gu;
const UNFIT = /[\p{Cs}\p{Noncharacter_Code_Point}]/gu;
const MARKS = /\p{M}/gu;

/** A text of the NAS on one line, never longer than `most`; null when nothing is left of it. */
export function plainText(text: string | null, most = STATE_LENGTH): string | null {
  const plain = (text ?? '').replace(CONTROL, ' ').replace(UNFIT, '').trim();
  return plain === '' ? null : shortened(plain, most);
}

/** What Home Assistant makes of a name in an entity id: `Büro & Empfang` → `buro_empfang`; empty when nothing is left. */
export function slugOf(name: string): string {
  const letters = name.toLowerCase().replaceAll('ß', 'ss').normalize('NFKD').replace(MARKS, '');
  return trimmed(trimmed(letters.replace(/[^a-z0-9]+/g, '_')).slice(0, SLUG_LENGTH));
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
