import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { RetainedReader } from '../../src/mqtt/retained-reader';

/** Both ends of a connection on the loopback interface. */
async function connection(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

/** Blocks the event loop. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('after a blocked event loop received messages are read before the time limit ends the read', async () => {
  const { near, far } = await connection();
  const reader = new RetainedReader('a/+');
  await new Promise((resolve) => far.write('x', resolve));
  near.on('data', () => {
    reader.add('a/1', 'x');
  });
  const found = reader.complete(5);
  block(50);
  expect(await found).toEqual(new Map([['a/1', 'x']]));
  reader.end();
});
