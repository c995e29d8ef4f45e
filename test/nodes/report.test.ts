import { describe, expect, test, vi } from 'vitest';
import reportNode from '../../nodes/report/report';
import type { Report } from '../../src/report/types';
import { ACCOUNT, flowOf, helper, load, nasConfig, simulatedNas, type Flow, type FlowNode } from './support';

const REPORT = { type: 'active-backup-report', nas: [] };

/** A report node with these NAS nodes, loaded. */
async function reportFlow(config: FlowNode[], properties: Record<string, unknown> = {}): Promise<Flow> {
  const credentials = Object.fromEntries(config.map(({ id }) => [id, ACCOUNT]));
  return load([reportNode], flowOf({ ...REPORT, ...properties }, config), credentials);
}

/** Sends a message and waits for its report. */
async function reported(flow: Flow, msg: Record<string, unknown> = {}) {
  const before = flow.out[0]!.length;
  flow.send({ payload: 'old', ...msg });
  await vi.waitUntil(() => flow.out[0]!.length > before || flow.caught.length > 0, { timeout: 20_000 });
  return flow.out[0]!.at(-1) as unknown as Record<string, unknown> & { report: Report; payload: string };
}

test('a message becomes a page for a mail, with its subject, media type and data', async () => {
  const nas = await simulatedNas({ tasks: 3 });
  const flow = await reportFlow([nasConfig(nas, { name: 'Office NAS' })]);
  const msg = await reported(flow, { extra: 'kept', topic: '' });
  expect(msg.payload).toMatch(/^<!DOCTYPE html>/);
  expect(msg).toMatchObject({
    extra: 'kept',
    headers: { 'content-type': 'text/html; charset=utf-8' },
    nas: { id: nas.state.serialNumber.toLowerCase(), name: 'Office NAS', api: null, method: null },
    report: { days: 30, nas: [{ name: 'Office NAS', online: true, model: 'DS923+' }], totals: { machines: 3 } },
  });
  expect(msg['topic']).toEqual(expect.stringContaining('machines'));
  expect(flow.caught).toEqual([]);
});

test.each([
  ['text', /^.+\nCreated /],
  ['markdown', /^### /],
  ['csv', /^nas_id,nas,device_id,/],
  ['openmetrics', /# EOF\n$/],
])('the format %s', async (format, pattern) => {
  const nas = await simulatedNas({ tasks: 2 });
  const flow = await reportFlow([nasConfig(nas)], { format });
  expect((await reported(flow)).payload).toMatch(pattern);
});

test('msg.options replaces settings for one message and does not travel on', async () => {
  const nas = await simulatedNas({ tasks: 2 });
  const flow = await reportFlow([nasConfig(nas)]);
  const msg = await reported(flow, { options: { format: 'text', days: '7', language: 'de' }, topic: 'mine' });
  expect(msg.payload).toContain('Letzte 7 Tage');
  expect(msg).not.toHaveProperty('options');
  expect(msg['topic']).toBe('mine');
  expect((await reported(flow)).payload).toMatch(/^<!DOCTYPE html>/);
});

test.each([{ days: 6 }, { days: 'x' }, { format: 'pdf' }, { language: 'fr' }])(
  'msg.options %j is refused by name',
  async (options) => {
    const nas = await simulatedNas({ tasks: 1 });
    const flow = await reportFlow([nasConfig(nas)]);
    flow.send({ options });
    await flow.ended(1);
    expect(flow.caught).toMatchObject([{ error: { code: 'EPARAM' } }]);
    expect(flow.caught[0]?.error.message).toContain(`msg.options.${Object.keys(options)[0]!}`);
  },
);

describe('several NASes', () => {
  test('all that are deployed, the unreachable one with its error', async () => {
    const nas = await simulatedNas({ tasks: 2 });
    const away = await simulatedNas({ tasks: 1, seed: 5 });
    await away.close();
    const flow = await reportFlow([
      nasConfig(nas, { name: 'Office NAS' }),
      { ...nasConfig(away, { name: 'Branch NAS' }), id: 'away' },
    ]);
    const { report, nas: nasOfMessage } = await reported(flow, { options: { format: 'data' } });
    expect(nasOfMessage).toEqual({ id: null, name: 'Office NAS, Branch NAS', api: null, method: null });
    expect(report.nas.map(({ name, online }) => [name, online])).toEqual([
      ['Office NAS', true],
      ['Branch NAS', false],
    ]);
    expect(report.findings[0]).toMatchObject({
      kind: 'nas_unreachable',
      severity: 'error',
      nas: { name: 'Branch NAS' },
    });
    expect(flow.caught).toEqual([]);
  });

  test('only the chosen ones', async () => {
    const nas = await simulatedNas({ tasks: 2 });
    const other = await simulatedNas({ tasks: 1, seed: 5 });
    const flow = await reportFlow([nasConfig(nas), { ...nasConfig(other), id: 'other' }], { nas: ['other'] });
    expect((await reported(flow)).report.totals.machines).toBe(1);
  });
});

test('without any usable NAS node the report fails', async () => {
  const flow = await reportFlow([], { nas: ['gone'] });
  flow.send({});
  await flow.ended(1);
  expect(flow.caught).toMatchObject([{ error: { code: 'ECONFIG' } }]);
  expect(flow.out[0]).toEqual([]);
});

test('a NAS that goes away is in the next report as unreachable, with what was last known of it', async () => {
  const nas = await simulatedNas({ tasks: 2 });
  const flow = await reportFlow([nasConfig(nas)]);
  expect((await reported(flow)).report.nas).toMatchObject([{ online: true }]);
  await nas.close();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  try {
    const { report } = await reported(flow);
    expect(report.nas).toMatchObject([{ online: false, tasks: [{ id: 1 }, { id: 2 }] }]);
    expect(report.findings[0]).toMatchObject({ kind: 'nas_unreachable' });
  } finally {
    vi.useRealTimers();
  }
});

test('what a flow changes in a report is not in the next one', async () => {
  const nas = await simulatedNas({ tasks: 2 });
  const flow = await reportFlow([nasConfig(nas)], { format: 'data' });
  const first = await reported(flow);
  first.report.nas[0]!.name = 'changed';
  first.report.devices.length = 0;
  const second = await reported(flow);
  expect(second.report.nas[0]?.name).toBe('NAS');
  expect(second.report.devices).toHaveLength(2);
});

test('the NAS is not polled any more when the node is closed', async () => {
  const nas = await simulatedNas({ tasks: 1 });
  const flow = await reportFlow([nasConfig(nas, { pollInterval: 5 })]);
  await reported(flow);
  await helper.unload();
  expect(nas.received('logout')).toHaveLength(1);
});
