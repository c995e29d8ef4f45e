import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type IPublishPacket } from 'mqtt';

/** What a changed poll does besides its requests, done by the bare `mqtt` and `node:fs`. */
export interface ChangeFloor {
  /** Publishes the recorded messages under other topics, waits for their acknowledgements, and writes as much to disk. */
  readonly run: () => Promise<void>;
  /** How many messages, and bytes of a file. */
  readonly text: string;
  readonly close: () => Promise<void>;
}

/** Like the store: from this size on, a file is appended to. */
const MIN_BYTES_TO_APPEND = 64 * 1024;
/** A changed task in a line. */
const APPENDED_BYTES = 2000;

/**
 * Records what one changed poll publishes.
 * @param folder with the state file
 * @param changedPoll changes a task and polls
 */
export async function recordChange(
  broker: string,
  folder: string,
  changedPoll: () => Promise<void>,
): Promise<ChangeFloor> {
  const client = await connectAsync(broker, { protocolVersion: 5 });
  const messages: Pick<IPublishPacket, 'topic' | 'payload' | 'retain'>[] = [];
  const record = (_topic: string, _payload: Buffer, packet: IPublishPacket): void => void messages.push(packet);
  await client.subscribeAsync('#', { qos: 0, rap: true, rh: 2 });
  client.on('message', record);
  await changedPoll();
  client.off('message', record);
  await client.unsubscribeAsync('#');
  const content = readFileSync(join(folder, 'state.json'));
  const isSmall = content.length < MIN_BYTES_TO_APPEND;
  const path = join(folder, 'floor.json');
  const bytes = isSmall ? content : content.subarray(0, APPENDED_BYTES);
  return {
    run: async () => {
      const sent = messages.map(({ topic, payload, retain }) =>
        client.publishAsync(`floor/${topic}`, payload, { qos: 1, retain }),
      );
      if (isSmall) replace(path, bytes);
      else appendFileSync(path, bytes);
      await Promise.all(sent);
    },
    text: `${messages.length} messages and a file write of ${bytes.length} bytes`,
    close: () => client.endAsync(),
  };
}

function replace(path: string, content: Buffer): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w');
  writeFileSync(file, content);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
}
