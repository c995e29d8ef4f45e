import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { Aedes } from 'aedes';
import { onTestFinished } from 'vitest';

/** The broker of `npm start` behind a web server, at the path `/mqtt` only; closed at the end of the test. @returns its port */
export async function startWebBroker(server: Server): Promise<number> {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (request.url !== '/mqtt') {
      socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
      return;
    }
    socket.write(handshake(request.headers['sec-websocket-key'] ?? ''));
    broker.handle(payloadStream(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await new Promise<void>((resolve) => {
      broker.close(resolve);
    });
  });
  return (server.address() as AddressInfo).port;
}

/** RFC 6455, 1.3. */
function handshake(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    'Sec-WebSocket-Protocol: mqtt',
    '\r\n',
  ].join('\r\n');
}

const BINARY = 0x82;
const CLOSE = 0x88;

/** The payload stream of a WebSocket; supports the short binary frames of MQTT clients only. */
function payloadStream(socket: Duplex): Duplex {
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      const length = Buffer.from([126, chunk.length >> 8, chunk.length & 255]);
      socket.write(Buffer.concat([Buffer.from([BINARY]), length, chunk]), () => {
        done();
      });
    },
    final: (done) => {
      socket.end(Buffer.from([CLOSE, 0]));
      done();
    },
  });
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = frameOf(rest); frame !== null; frame = frameOf(rest)) {
      rest = rest.subarray(frame.length);
      if (frame.opcode === CLOSE) socket.end(Buffer.from([CLOSE, 0]));
      else stream.push(frame.payload);
    }
  });
  socket.on('close', () => stream.destroy());
  return stream;
}

/** The first frame, masked as all frames of clients (RFC 6455, 5.2); null while it is incomplete. */
function frameOf(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | null {
  if (bytes.length < 6) return null;
  const short = bytes.readUInt8(1) & 127;
  const maskAt = short === 126 ? 4 : 2;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  const from = maskAt + 4;
  if (bytes.length < from + size) return null;
  const mask = bytes.subarray(maskAt, from);
  const payload = Buffer.from(bytes.subarray(from, from + size).map((byte, index) => byte ^ mask[index % 4]!));
  return { opcode: bytes.readUInt8(0), payload, length: from + size };
}
