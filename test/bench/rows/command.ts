import { connectAsync, type MqttClient } from 'mqtt';
import { createFloor, type Floor } from '../floor';
import { median, quiet } from '../measure';
import { startNasProcess, type Form, type NasProcess } from '../nas-client';
import { openBridge, openProduct, type OpenBridge, type Product } from '../product';
import { sizeText, type Context, type Measured } from '../row';

const GOAL = { max: 1.3 };
const NAS_ID = 'bench';
const FLOOR_TOPIC = 'floor/command';
/** Below the commands that a bridge accepts in a minute. */
const COMMANDS = 12;
const WARM_UP = 3;
/** The task whose command gives the form, and the first of the others. */
const MODEL_TASK = 1;
const FIRST_TASK = 2;

/** Sends one command; resolves with the milliseconds until the request of it arrives at the NAS. */
type SendCommand = (taskId: number) => Promise<number>;

/** From an MQTT command to its request at the NAS, beside a script that does nothing else. */
export async function measureCommand({ scale, size, nasScript, broker, folder }: Context): Promise<Measured> {
  const nas = await startNasProcess(nasScript, { tasks: size });
  const product = await openProduct({ url: nas.url, folder, listeners: 1, broker: null });
  const bridge = await openBridge(product.connection, product.connection, { broker, nasId: NAS_ID });
  await bridge.published;
  const sender = await connectAsync(broker);
  const ours: SendCommand = (taskId) =>
    timeOf(nas, () => sender.publishAsync(`active-backup/${NAS_ID}/task/${taskId}/command`, 'backup', { qos: 1 }));
  const http = createFloor(nas.url);
  const script = await startScript(broker, http, await formOf(nas, ours));
  const floor: SendCommand = (taskId) =>
    timeOf(nas, () => sender.publishAsync(FLOOR_TOPIC, String(taskId), { qos: 1 }));
  const times = await commandTimes({ floor, ours }, scale.tiny ? 1 : COMMANDS);
  http.close();
  await closeAll({ sender, script, bridge, product, nas });
  const row = {
    what: 'from an MQTT command to its request at the NAS, median',
    size: sizeText(size, 'tasks'),
    unit: 'ms',
    floor: median(times.floor),
    ours: median(times.ours),
    goal: GOAL,
    note: 'floor: mqtt and axios, which check nothing',
  } as const;
  return { rows: [row], samples: [] };
}

/** Runs both in turns, each command for another task: the same one again would be refused for some seconds. */
async function commandTimes(
  { floor, ours }: Record<'floor' | 'ours', SendCommand>,
  count: number,
): Promise<Record<'floor' | 'ours', number[]>> {
  const times = { floor: [] as number[], ours: [] as number[] };
  for (let index = 0; index < count; index += 1) {
    const taskId = FIRST_TASK + 2 * index;
    const bare = await floor(taskId);
    const bridged = await ours(taskId + 1);
    if (index < Math.min(WARM_UP, count - 1)) continue;
    times.floor.push(bare);
    times.ours.push(bridged);
  }
  return times;
}

async function timeOf(nas: NasProcess, send: () => Promise<unknown>): Promise<number> {
  await quiet();
  let sentAtNs = 0n;
  const { arrivals } = await nas.received(async () => {
    sentAtNs = process.hrtime.bigint();
    await send();
    await quiet();
  });
  const arrival = arrivals.find(({ method }) => method === 'backup');
  if (arrival === undefined) throw new Error('The NAS has received no request for the command');
  return Number(BigInt(arrival.atNs) - sentAtNs) / 1e6;
}

/** The form in which the bridge starts a task. */
async function formOf(nas: NasProcess, ours: SendCommand): Promise<Form> {
  await ours(MODEL_TASK);
  const reply = await nas.send({ do: 'received' });
  const form = reply?.forms.find(({ body }) => new URLSearchParams(body).get('method') === 'backup');
  if (form === undefined) throw new Error('The bridge has sent no command');
  return form;
}

/** The floor: a client that sends the form of a command for the task in each message. */
async function startScript(broker: string, { texts }: Floor, { path, body }: Form): Promise<MqttClient> {
  const client = await connectAsync(broker);
  client.on('message', (_topic, payload) => {
    const form = new URLSearchParams(body);
    form.set('task_ids', `[${payload.toString()}]`);
    void texts([{ path, body: form.toString() }]);
  });
  await client.subscribeAsync(FLOOR_TOPIC, { qos: 1 });
  return client;
}

async function closeAll(opened: {
  sender: MqttClient;
  script: MqttClient;
  bridge: OpenBridge;
  product: Product;
  nas: NasProcess;
}): Promise<void> {
  await opened.sender.endAsync();
  await opened.script.endAsync();
  await opened.bridge.close();
  await opened.product.close();
  await opened.nas.close();
}
