import { openEventsForm } from '../../src/editor/events/events-form';
import { textsOf } from '../../src/editor/form/texts';
import { valid } from '../../src/editor/form/validators';
import { operationLabel } from '../../src/editor/operation/operation-label';
import { nasProperty } from '../../src/editor/operation/operation-properties';
import { eventNamed, parseEventNames, wordsIn } from '../../src/settings/event-settings';
import { AFTER_FAILURES, FULL_WITHIN_DAYS, LOW_STORAGE } from '../../src/settings/limits';
import { numberIn } from '../../src/settings/rules';

interface EventsProperties {
  name: string;
  nas: string;
  events: unknown;
  tasks: unknown;
  storageLowPercent: number | string;
  afterFailures: number | string;
  fullWithinDays: number | string;
}

const text = textsOf('events');
/** The name of an event; a word that is no event is its own name. */
const eventText = (word: string): string => (eventNamed(word) === null ? word : text(`events.event.${word}`));
let save: () => void;

RED.nodes.registerType<EventsProperties>('active-backup-events', {
  category: 'synology',
  color: '#E2B9A8',
  icon: 'active-backup-events.svg',
  inputs: 0,
  outputs: 1,
  defaults: {
    name: { value: '' },
    nas: nasProperty(),
    events: { value: [], label: text('events.label.events'), validate: valid(parseEventNames) },
    tasks: { value: [] },
    storageLowPercent: {
      value: LOW_STORAGE.default,
      label: text('events.label.storageLowPercent'),
      validate: valid(numberIn(LOW_STORAGE)),
    },
    afterFailures: {
      value: AFTER_FAILURES.default,
      label: text('events.label.afterFailures'),
      validate: valid(numberIn(AFTER_FAILURES)),
    },
    fullWithinDays: {
      value: FULL_WITHIN_DAYS.default,
      label: text('events.label.fullWithinDays'),
      validate: valid(numberIn(FULL_WITHIN_DAYS)),
    },
  },
  paletteLabel() {
    return this._('events.paletteLabel');
  },
  outputLabels() {
    return this._('events.port.output');
  },
  label() {
    const events = wordsIn(this.events).map(eventText).join(', ');
    return this.name || operationLabel(events || this._('events.nodeLabel'), wordsIn(this.tasks));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    save = openEventsForm(this, eventText);
  },
  oneditsave() {
    save();
  },
});
