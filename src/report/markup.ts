/** A part of a page that is HTML already. Created only by {@link html} and {@link joined}. */
export class Markup {
  constructor(readonly text: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, which HTML does not allow, and marks that change the direction of what follows. */
const NOT_ALLOWED = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

function escapeHtml(text: string): string {
  return text.replace(NOT_ALLOWED, ' ').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Line ends and indentation of the templates, which would make a mail a third larger. */
const INDENTATION = /\n\s*/g;

/** A template for HTML: every text and number in it is escaped, markup is not. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Markup)[]): Markup {
  const texts = values.map((value) => (value instanceof Markup ? value.text : escapeHtml(String(value))));
  return new Markup(parts.map((part, index) => part.replace(INDENTATION, '\n') + (texts[index] ?? '')).join(''));
}

/** Parts one after the other. */
export function joined(parts: readonly Markup[]): Markup {
  return new Markup(parts.map(({ text }) => text).join(''));
}
