import type { ReadonlyJsonObject } from '../types';

/** A Markdown card of this text. */
export function markdownCard(content: string): ReadonlyJsonObject {
  return { type: 'markdown', content, grid_options: { columns: 'full' } };
}

/** A section of a view. @param span how many columns it takes on a wide screen */
export function section(
  { heading, icon, span = 1 }: { heading: string; icon: string; span?: number },
  cards: readonly ReadonlyJsonObject[],
  visibility: readonly ReadonlyJsonObject[] = [],
): ReadonlyJsonObject {
  return {
    type: 'grid',
    ...(span > 1 && { column_span: span }),
    ...(visibility.length > 0 && { visibility }),
    cards: [{ type: 'heading', heading, icon }, ...cards],
  };
}

/** What is asked before a button is pressed. */
export interface Question {
  readonly text: string;
  /**
   * Labels of the answers. Releases before 2026.2 ignore them and offer “Cancel” and “OK” (docs/facts/home-assistant.md §6.7), so
   * the text must be clear with these too. Without `no` it is “Cancel”, in the language of the user.
   */
  readonly yes: string;
  readonly no?: string;
}

/** Presses a button, after a question if there is one. */
export function press(entity: string, question?: Question): ReadonlyJsonObject {
  return {
    action: 'perform-action',
    perform_action: 'button.press',
    target: { entity_id: entity },
    ...(question !== undefined && { confirmation: confirmation(question) }),
  };
}

function confirmation({ text, yes, no }: Question): ReadonlyJsonObject {
  return { text, confirm_text: yes, ...(no !== undefined && { dismiss_text: no }) };
}

/** A tile that presses a button. */
export function buttonTile(entity: string, name: string, icon: string, question: Question): ReadonlyJsonObject {
  const action = press(entity, question);
  return { type: 'tile', entity, name, icon, hide_state: true, tap_action: action, icon_tap_action: action };
}

/** A row of an entities card that presses a button. */
export function buttonRow(entity: string, name: string, label: string, question: Question): ReadonlyJsonObject {
  return { type: 'button', entity, name, action_name: label, tap_action: press(entity, question) };
}

/** A condition that an entity has one of these states. */
export function isState(entity: string, states: readonly string[]): ReadonlyJsonObject {
  return { condition: 'state', entity, state: states };
}

/** A condition that an entity has none of these states. */
export function isNotState(entity: string, states: readonly string[]): ReadonlyJsonObject {
  return { condition: 'state', entity, state_not: states };
}

/** States of an entity that has no value. */
export const NO_VALUE = ['unknown', 'unavailable'] as const;
