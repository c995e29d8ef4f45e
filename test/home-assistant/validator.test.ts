import { describe, expect, test } from 'vitest';
import { contradictions, eventContradictions, violationsOf, violationsOfSet } from './validator/index';

/*
 * The validator checks the messages of the bridge, so its own tests are independent of the bridge: valid messages by hand,
 * with one violation of each rule.
 */

const NAS_TOPIC = 'homeassistant/device/active_backup_nas/config';
const TASK_TOPIC = 'homeassistant/device/active_backup_nas_task_42/config';
const ROOT = 'active-backup/nas';

const origin = { name: 'a-package', sw_version: '1.0.0', support_url: 'https://example.com/issues' };
const availability = [{ topic: `${ROOT}/bridge` }, { topic: `${ROOT}/connection` }];

const nasDevice = {
  device: { identifiers: ['active_backup_nas'], name: 'NAS', configuration_url: 'https://nas.lan:5001' },
  origin,
  availability,
  availability_mode: 'all',
  qos: 1,
  components: {
    connected: {
      platform: 'binary_sensor',
      unique_id: 'active_backup_nas_connected',
      default_entity_id: 'binary_sensor.nas_connected',
      qos: 1,
      name: 'Connected',
      device_class: 'connectivity',
      entity_category: 'diagnostic',
      state_topic: `${ROOT}/connection`,
      payload_on: 'online',
      payload_off: 'offline',
      availability: [{ topic: `${ROOT}/bridge` }],
    },
  },
};

const status = {
  platform: 'sensor',
  unique_id: 'active_backup_nas_task_42_status',
  default_entity_id: 'sensor.pc_finance_status',
  qos: 1,
  name: 'Status',
  icon: 'mdi:backup-restore',
  device_class: 'enum',
  options: ['idle', 'running', 'unknown'],
  value_template: '{{ value_json.status }}',
};
const size = sensor('size', { device_class: 'data_size', unit_of_measurement: 'B', state_class: 'measurement' });
const lastSuccess = sensor('last_success', { device_class: 'timestamp', json_attributes_topic: `${ROOT}/attributes` });
const progress = sensor('progress', { unit_of_measurement: '%', state_class: 'measurement' });
const reason = sensor('reason', {});
const problem = {
  ...{ platform: 'binary_sensor', unique_id: 'active_backup_nas_task_42_problem', qos: 1, name: 'Problem' },
  ...{ default_entity_id: 'binary_sensor.pc_finance_problem', device_class: 'problem' },
  value_template: '{{ value_json.problem }}',
};
const event = {
  ...{ platform: 'event', unique_id: 'active_backup_nas_task_42_event', qos: 1, name: 'Event' },
  ...{ default_entity_id: 'event.pc_finance_event', state_topic: `${ROOT}/event` },
  event_types: ['backup_started', 'backup_failed'],
};
const start = {
  ...{ platform: 'button', unique_id: 'active_backup_nas_task_42_start', qos: 1, name: 'Back up now' },
  ...{ default_entity_id: 'button.pc_finance_start', command_topic: `${ROOT}/command`, payload_press: 'backup' },
};

const task = {
  device: { identifiers: ['active_backup_nas_task_42'], name: 'PC-Finance', via_device: 'active_backup_nas' },
  origin,
  availability,
  availability_mode: 'all',
  state_topic: `${ROOT}/state`,
  qos: 1,
  components: { status, size, last_success: lastSuccess, progress, reason, problem, event, start },
};

const SET = [
  { topic: NAS_TOPIC, payload: nasDevice },
  { topic: TASK_TOPIC, payload: JSON.stringify(task) },
];

const STATE = {
  ...{ status: 'idle', size: 2 ** 50, last_success: '2026-10-19T01:22:41Z', progress: 42.5, reason: null },
  problem: 'OFF',
};
const DOCUMENTS = {
  [`${ROOT}/bridge`]: 'online',
  [`${ROOT}/connection`]: 'offline',
  [`${ROOT}/state`]: JSON.stringify(STATE),
  [`${ROOT}/attributes`]: '{"task_id":42}',
};

function sensor(key: string, options: object): Record<string, unknown> {
  return {
    ...{ platform: 'sensor', unique_id: `active_backup_nas_task_42_${key}`, qos: 1, name: `Some ${key}` },
    ...{ default_entity_id: `sensor.pc_finance_${key}`, value_template: `{{ value_json.${key} }}` },
    ...options,
  };
}

const MINIMAL = {
  device: { identifiers: ['active_backup_nas_task_42'], name: '#"+/ 💾' },
  origin,
  availability: [{ topic: 'a' }],
  qos: 1,
  components: { status: { ...status, state_topic: 'a/b', name: null, icon: 'mdi:nas' } },
};

describe('a message of discovery', () => {
  test.each([
    ['of a NAS device', NAS_TOPIC, nasDevice],
    ['of a task, as text', TASK_TOPIC, JSON.stringify(task)],
    ['with little in it', TASK_TOPIC, MINIMAL],
    ['below a prefix of two levels and a node id', 'ha/discovery/device/node/active_backup_nas/config', nasDevice],
    ['that takes the device away', TASK_TOPIC, ''],
    [
      'that takes an entity away',
      TASK_TOPIC,
      { ...task, components: { ...task.components, size: { platform: 'sensor' } } },
    ],
  ])('%s is valid', (_, topic, payload) => expect(violationsOf(topic, payload)).toEqual([]));

  test.each([
    ['homeassistant/device/nas 1/config', 'is none of <prefix>/device/<object id>/config'],
    ['homeassistant/device/nas+/config', 'is none of'],
    ['homeassistant/sensor/nas/config', 'is none of'],
    ['device/nas/config', 'is none of'],
    ['home\u0000assistant/device/nas/config', 'is none of'],
  ])('on %j is invalid', (topic, violation) => expect(violationsOf(topic, nasDevice).join()).toContain(violation));

  test.each([
    ['not JSON', '{', 'the payload is no JSON object'],
    ['an array', '[]', 'the payload is no JSON object'],
    ['null', 'null', 'the payload is no JSON object'],
    ['half a surrogate pair', { ...task, device: { ...task.device, name: 'x\ud800' } }, 'half a surrogate pair'],
    ['half a surrogate pair as a key', { ...task, '\udc00': 1 }, 'half a surrogate pair'],
  ])('that is %s is invalid', (_, payload, violation) =>
    expect(violationsOf(TASK_TOPIC, payload).join()).toContain(violation),
  );

  test.each<[object, string]>([
    // The root
    [{ device: undefined }, 'root.device is missing'],
    [{ origin: undefined }, 'root.origin is missing'],
    [{ components: undefined }, 'root.components is missing'],
    [{ availability: undefined }, 'root.availability is missing'],
    [{ qos: undefined }, 'root.qos is missing'],
    [{ qos: 0 }, 'root.qos is not 1'],
    [{ qos: '1' }, 'root.qos is not 1'],
    [{ cmps: {} }, 'root.cmps is no key of it'],
    [{ '~': 'x' }, 'root.~ is no key of it'],
    [{ name: 'x' }, 'root.name is no key of it'],
    [{ state_topic: '' }, 'root.state_topic is empty'],
    [{ state_topic: null }, 'root.state_topic is no string'],
    [{ state_topic: 'a/b+/c' }, 'root.state_topic has a + that does not fill its level'],
    [{ state_topic: 'a/#/c' }, 'root.state_topic has a # that is not its last level'],
    [{ state_topic: 'a/b#' }, 'root.state_topic has a # that is not its last level'],
    [{ state_topic: 'a\u0000' }, 'root.state_topic has control characters'],
    [{ state_topic: 'a\u0085' }, 'root.state_topic has control characters'],
    [{ state_topic: 'a\ufdd0' }, 'root.state_topic has non-characters'],
    [{ state_topic: 'a\u{1fffe}' }, 'root.state_topic has non-characters'],
    [{ state_topic: 'ä'.repeat(32_768) }, 'root.state_topic is too long'],
    [{ command_topic: 'a/+' }, 'root.command_topic has a wildcard'],
    [{ payload_available: 1 }, 'root.payload_available is no string'],
    [{ encoding: null }, 'root.encoding is no string'],
    // Its availability
    [{ availability: [] }, 'root.availability is no list with something in it'],
    [{ availability: 'a/b' }, 'root.availability is no list with something in it'],
    [{ availability: ['a/b'] }, 'root.availability[0] is no object'],
    [{ availability: [{}] }, 'root.availability[0].topic is missing'],
    [{ availability: [{ topic: 'a', t: 'b' }] }, 'root.availability[0].t is no key of it'],
    [
      { availability: [{ topic: 'a', payload_available: null }] },
      'root.availability[0].payload_available is no string',
    ],
    [{ availability: [{ topic: 'a' }, { topic: 'a' }] }, 'root.availability names a topic twice'],
    [{ availability_mode: 'both' }, 'root.availability_mode is none of all, any, latest'],
    [{ availability_mode: undefined }, 'root.availability_mode is not all'],
    [{ availability_topic: 'a' }, 'root.availability_topic is no key of it'],
    // Its device
    [{ device: [] }, 'device is no object'],
    [{ device: { name: 'x' } }, 'device.identifiers is missing'],
    [{ device: { identifiers: [], name: 'x' } }, 'device.identifiers is no list with something in it'],
    [{ device: { ...task.device, identifiers: ['x'] } }, 'device.identifiers is not active_backup_nas_task_42 alone'],
    [{ device: { identifiers: task.device.identifiers } }, 'device.name is missing'],
    [{ device: { ...task.device, name: ' ' } }, 'device.name is blank'],
    [{ device: { ...task.device, name: 'a\nb' } }, 'device.name has control characters'],
    [{ device: { ...task.device, model: null } }, 'device.model is no string'],
    [{ device: { ...task.device, sw_version: 7 } }, 'device.sw_version is no string'],
    [{ device: { ...task.device, serial: '1' } }, 'device.serial is no key of it'],
    [{ device: { ...task.device, configuration_url: 'nas.lan' } }, 'device.configuration_url is no address'],
    [{ device: { ...task.device, configuration_url: 'ftp://nas.lan' } }, 'device.configuration_url is no address'],
    [{ device: { ...task.device, configuration_url: 'https:///x' } }, 'device.configuration_url is no address'],
    [{ device: { ...task.device, via_device: ['active_backup_nas'] } }, 'device.via_device is no string'],
    // Its origin
    [{ origin: 'a-package' }, 'origin is no object'],
    [{ origin: { ...origin, name: undefined } }, 'origin.name is missing'],
    [{ origin: { ...origin, url: 'x' } }, 'origin.url is no key of it'],
    [{ origin: { ...origin, support_url: 'example.com' } }, 'origin.support_url is no address'],
    // Its components
    [{ components: [] }, 'components is no object'],
    [{ components: {} }, 'components is empty'],
    [{ components: { 'last success': size } }, 'components.last success is no key of small letters'],
    [{ components: { 'last-success': size } }, 'components.last-success is no key of small letters'],
    [{ components: { size: null } }, 'components.size is no object'],
    [{ components: { size: { unique_id: 'x' } } }, 'components.size.platform is none of'],
    [{ components: { size: { platform: 'switch' } } }, 'components.size.platform is none of'],
    [{ components: { a: status, b: status } }, 'components has sensor.pc_finance_status twice'],
    [{ components: { status: { ...status, name: null }, size: { ...size, name: null } } }, 'called like their device'],
  ])('with %j is invalid', (wrong, violation) => {
    const payload = JSON.stringify({ ...task, ...wrong });
    expect(violationsOf(TASK_TOPIC, payload).join('\n')).toContain(violation);
  });

  test.each<[keyof typeof task.components, object, string]>([
    ['status', { unique_id: undefined }, 'unique_id is missing'],
    ['status', { unique_id: 'active_backup_nas_task_42_state' }, 'unique_id is not active_backup_nas_task_42_status'],
    ['status', { default_entity_id: undefined }, 'default_entity_id is missing'],
    ['status', { default_entity_id: 'pc_finance_status' }, 'default_entity_id is not sensor.some_name'],
    ['status', { default_entity_id: 'binary_sensor.status' }, 'default_entity_id is not sensor.some_name'],
    ['status', { default_entity_id: 'sensor.PC-Finance' }, 'default_entity_id is not sensor.some_name'],
    ['status', { default_entity_id: 'sensor._status' }, 'default_entity_id is not sensor.some_name'],
    ['status', { object_id: 'status' }, 'object_id is no key of it'],
    ['status', { unit_of_meas: 'B' }, 'unit_of_meas is no key of it'],
    ['status', { command_topic: 'a' }, 'command_topic is no key of it'],
    ['status', { qos: undefined }, 'qos is missing'],
    ['status', { qos: 2 }, 'qos is not 1'],
    ['status', { name: '' }, 'name is blank'],
    ['status', { name: 7 }, 'name is no string'],
    ['status', { icon: 'backup' }, 'icon is no icon'],
    ['status', { icon: 'mdi: backup' }, 'icon is no icon'],
    ['status', { entity_category: 'config' }, 'entity_category is none of diagnostic'],
    ['status', { enabled_by_default: 'no' }, 'enabled_by_default is neither true nor false'],
    ['status', { entity_picture: 'x.png' }, 'entity_picture is no address'],
    ['status', { message_expiry_interval: -1 }, 'message_expiry_interval is no whole number'],
    ['status', { json_attributes_topic: 'a/#/b' }, 'json_attributes_topic has a #'],
    ['status', { json_attributes_template: '{{ value }}' }, 'json_attributes_template is not of the form'],
    [
      'status',
      { json_attributes_template: "{{ {'days': value_json.get('dates')} | tojson }}" },
      'json_attributes_template is not of the form',
    ],
    ['status', { availability_topic: 'a' }, 'has both availability and availability_topic'],
    ['status', { availability: [{ topic: 'a', unit: 'b' }] }, 'availability[0].unit is no key of it'],
    ['status', { availability_mode: 'any' }, 'availability_mode is not all'],
    ['status', { state_topic: 'a\u0007' }, 'state_topic has control characters'],
    // Templates
    ['status', { value_template: '{{ value_json.status | upper }}' }, 'value_template is not of the form'],
    ['status', { value_template: '{{value_json.status}}' }, 'value_template is not of the form'],
    ['status', { value_template: "{{ value_json['status'] }}" }, 'value_template is not of the form'],
    ['status', { value_template: '{% if value_json.status %}' }, 'value_template is not of the form'],
    ['status', { value_template: null }, 'value_template is not of the form'],
    // Sensors
    ['status', { options: [] }, 'options is no list with something in it'],
    ['status', { options: ['idle', 'idle'] }, 'options names something twice'],
    ['status', { options: ['idle', 1] }, 'options has a text that is no string'],
    ['status', { options: undefined }, 'is an enum without options'],
    ['status', { device_class: undefined }, 'has options without being an enum'],
    ['status', { unit_of_measurement: 'B' }, 'is a enum with a unit'],
    ['status', { state_class: 'measurement' }, 'is a enum with a state class'],
    ['size', { device_class: 'problem' }, 'device_class is none of'],
    ['size', { device_class: 'Data_Size' }, 'device_class is none of'],
    ['size', { unit_of_measurement: 'GIB' }, 'is a data_size in “GIB”'],
    ['size', { unit_of_measurement: undefined }, 'is a data_size in no unit'],
    ['size', { device_class: 'duration' }, 'is a duration in “B”'],
    ['size', { device_class: 'data_rate', unit_of_measurement: 'Bps' }, 'is a data_rate in “Bps”'],
    [
      'size',
      { device_class: 'data_rate', unit_of_measurement: 'B/s', state_class: 'total' },
      'is a data_rate that cannot be a total',
    ],
    ['size', { state_class: 'total_growing' }, 'state_class is none of'],
    ['size', { suggested_display_precision: 0.5 }, 'suggested_display_precision is no whole number'],
    ['size', { expire_after: -1 }, 'expire_after is no whole number'],
    ['size', { last_reset_value_template: '{{ value_json.reset }}' }, 'has a last reset without being a total'],
    ['last_success', { unit_of_measurement: 's' }, 'is a timestamp with a unit'],
    ['last_success', { state_class: 'measurement' }, 'is a timestamp with a state class'],
    ['last_success', { suggested_display_precision: 0 }, 'is a timestamp with decimals'],
    // The other platforms
    ['problem', { device_class: 'trouble' }, 'device_class is none of'],
    ['problem', { payload_on: true }, 'payload_on is no string'],
    ['problem', { payload_on: 'OFF' }, 'payload_on and payload_off are the same'],
    ['problem', { off_delay: 1.5 }, 'off_delay is no whole number'],
    ['problem', { options: ['ON'] }, 'options is no key of it'],
    ['event', { event_types: undefined }, 'event_types is missing'],
    ['event', { event_types: [] }, 'event_types is no list with something in it'],
    ['event', { device_class: 'backup' }, 'device_class is none of doorbell, button, motion'],
    ['start', { command_topic: undefined }, 'command_topic is missing, here and in the root'],
    ['start', { command_topic: 'a/+/b' }, 'command_topic has a wildcard'],
    ['start', { command_topic: 'a/#' }, 'command_topic has a wildcard'],
    ['start', { device_class: 'backup' }, 'device_class is none of identify, restart, update'],
    ['start', { retain: true }, 'retain is not false'],
    ['start', { payload_press: '' }, 'payload_press is blank'],
  ])('whose %s has %j is invalid', (key, wrong, violation) => {
    const components = { ...task.components, [key]: { ...task.components[key], ...wrong } };
    const payload = JSON.stringify({ ...task, components });
    expect(violationsOf(TASK_TOPIC, payload).join('\n')).toContain(`components.${key}`);
    expect(violationsOf(TASK_TOPIC, payload).join('\n')).toContain(violation);
  });

  test('without any state topic is invalid', () => {
    const payload = { ...MINIMAL, components: { status } };
    expect(violationsOf(TASK_TOPIC, payload)).toEqual([
      'components.status.state_topic is missing, here and in the root',
    ]);
  });
});

describe('a set of messages', () => {
  test('without conflicts is valid', () => expect(violationsOfSet(SET)).toEqual([]));

  const other = 'homeassistant/device/active_backup_nas_task_43/config';
  test.each([
    [
      'has a message that is wrong',
      [{ topic: NAS_TOPIC, payload: '{' }],
      `${NAS_TOPIC}: the payload is no JSON object`,
    ],
    [
      'names a NAS device that comes later',
      [...SET].reverse(),
      'device.via_device names active_backup_nas, unknown so far',
    ],
    ['has a topic twice', [SET[0]!, SET[0]!], `${NAS_TOPIC} comes twice`],
    [
      'gives a unique id twice',
      [...SET, { topic: other, payload: task }],
      'the unique id active_backup_nas_task_42_status comes twice',
    ],
  ])('that %s is invalid', (_, set, violation) => expect(violationsOfSet(set).join('\n')).toContain(violation));
});

describe('documents', () => {
  test('that fit their entities are valid', () => expect(outcome({})).toEqual([]));
  test('of a removed entity are ignored', () => {
    const payload = { ...task, components: { gone: { platform: 'sensor' } } };
    expect(contradictions([{ topic: TASK_TOPIC, payload }], new Map())).toEqual([]);
  });

  test.each([
    [{ status: 'paused' }, 'status on active-backup/nas/state is none of its options: "paused"'],
    [{ status: true }, 'is none of its options: true'],
    [{ status: undefined }, 'active-backup/nas/state has no status'],
    [{ size: '12' }, 'size on active-backup/nas/state is no number: "12"'],
    [{ size: -1 }, 'is below 0: -1'],
    [{ progress: 101 }, 'is above 100 %: 101'],
    [{ last_success: '2026-10-19T01:22:41' }, 'is no time with an offset'],
    [{ last_success: '2026-13-19T01:22:41Z' }, 'is no time with an offset'],
    [{ last_success: 1_762_848_000 }, 'is no time with an offset'],
    [{ reason: '😀'.repeat(256) }, 'is longer than 255 characters'],
    [{ reason: 7 }, 'is no string: 7'],
    [{ reason: '\udc00' }, 'active-backup/nas/state has half a surrogate pair'],
    [{ problem: true }, 'is neither ON nor OFF: true'],
    [{ problem: 'on' }, 'is neither ON nor OFF: "on"'],
  ])('with %j are invalid', (wrong, contradiction) =>
    expect(outcome({ [`${ROOT}/state`]: JSON.stringify({ ...STATE, ...wrong }) }).join('\n')).toContain(contradiction),
  );

  test('with the longest state are valid', () => {
    const state = JSON.stringify({ ...STATE, reason: '😀'.repeat(255), status: null, problem: null, progress: null });
    expect(outcome({ [`${ROOT}/state`]: state })).toEqual([]);
  });

  test.each([
    ['state', undefined, 'nothing is on active-backup/nas/state'],
    ['state', 'idle', 'active-backup/nas/state has no JSON object for its template'],
    ['attributes', undefined, 'nothing is on active-backup/nas/attributes'],
    ['attributes', '[1]', 'active-backup/nas/attributes is no JSON object'],
    ['attributes', '{"state":"x"}', 'active-backup/nas/attributes has the reserved state'],
    ['attributes', JSON.stringify({ text: 'x'.repeat(16_384) }), 'has 16384 bytes or more'],
    ['attributes', JSON.stringify({ text: '\ud83d' }), 'has half a surrogate pair'],
    ['bridge', undefined, 'nothing is on active-backup/nas/bridge, so that it is never available'],
    ['bridge', 'ON', 'active-backup/nas/bridge is neither online nor offline'],
    ['connection', 'ON', 'active-backup/nas/connection is neither online nor offline: "ON"'],
    ['event', '{}', 'the events of active-backup/nas/event are retained'],
  ])('whose %s is %j are invalid', (topic, payload, contradiction) =>
    expect(outcome({ [`${ROOT}/${topic}`]: payload }).join('\n')).toContain(contradiction),
  );
});

describe('an event', () => {
  const at = `${ROOT}/event`;
  test.each([
    ['that its entity has', at, '{"event_type":"backup_started","task_id":42}'],
    ['of a topic without an entity', `${ROOT}/task/1/event`, 'whatever'],
  ])('%s is valid', (_, topic, payload) => expect(eventContradictions(SET, [{ topic, payload }])).toEqual([]));

  test.each([
    ['backup_started', 'is no JSON object'],
    ['{}', 'nothing is none of its events'],
    ['{"event_type":"task_added"}', 'task_added is none of its events'],
    ['{"event_type":"backup_started","device_class":"x"}', 'has the reserved device_class'],
    [JSON.stringify({ event_type: 'backup_failed', reason: 'x'.repeat(20_000) }), 'has 16384 bytes or more'],
  ])('%j is refused', (payload, contradiction) =>
    expect(eventContradictions(SET, [{ topic: at, payload }]).join()).toContain(contradiction),
  );
});

/** Contradictions of the valid documents with some replaced (undefined: missing). */
function outcome(replaced: Record<string, string | undefined>): string[] {
  const documents = new Map<string, string>();
  for (const [topic, payload] of Object.entries<string | undefined>({ ...DOCUMENTS, ...replaced }))
    if (payload !== undefined) documents.set(topic, payload);
  return contradictions(SET, documents);
}
