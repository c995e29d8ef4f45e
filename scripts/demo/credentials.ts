import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlowNode } from './flow';

/** Credentials by node id, as `flows_cred.json` holds them. */
export type Credentials = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Writes a flow and its credentials into a Node-RED folder before Node-RED starts. The credentials are encrypted as
 * Node-RED does it (AES-256-CTR, key: SHA-256 of its `credentialSecret`): it warns about plain ones and about missing ones.
 */
export async function writeFlow(
  userDir: string,
  flow: readonly FlowNode[],
  credentials: Credentials,
  credentialSecret: string,
): Promise<void> {
  const key = createHash('sha256').update(credentialSecret).digest();
  const vector = randomBytes(16);
  const cipher = createCipheriv('aes-256-ctr', key, vector);
  const encrypted = cipher.update(JSON.stringify(credentials), 'utf8', 'base64') + cipher.final('base64');
  await writeFile(join(userDir, 'flows_cred.json'), JSON.stringify({ $: vector.toString('hex') + encrypted }));
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flow, null, 4));
}
