import { EVENTS } from '../../src/monitor/events';
import { eventsProblem, LOW_STORAGE, wordsIn } from '../../src/editor/events/event-names';
import { openEventsForm } from '../../src/editor/events/events-form';
import { operationLabel } from '../../src/editor/operation/operation-label';
import { nasProperty } from '../../src/editor/operation/operation-properties';
import { inRange } from '../../src/editor/nas/problems';
import { valid } from '../../src/editor/form/validators';

interface EventsProperties {
  name: string;
  nas: string;
  events: unknown;
  tasks: unknown;
  storageLowPercent: number | string;
}

const text = (key: string): string => RED._(`node-red-contrib-synology-active-backup/events:${key}`);
/** What an event is called; a word that is none is called by itself. */
const eventText = (event: string): string =>
  (EVENTS as readonly string[]).includes(event) ? text(`events.event.${event}`) : event;
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
    events: { value: [], label: text('events.label.events'), validate: valid(eventsProblem) },
    tasks: { value: [] },
    storageLowPercent: {
      value: LOW_STORAGE.storageLowPercent.default,
      label: text('events.label.storageLowPercent'),
      validate: valid(inRange(LOW_STORAGE.storageLowPercent)),
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
    return this.name || operationLabel(events || this._('events.paletteLabel'), wordsIn(this.tasks));
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
