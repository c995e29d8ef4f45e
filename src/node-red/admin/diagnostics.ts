import type { NodeAPI } from 'node-red';
import type { NasConnection } from '../../client/nas-connection';
import { readNasDiagnostics, type NasDiagnostics } from '../../client/nas-diagnostics';
import { packageInfo } from '../../client/package-info';
import { getNas } from '../nas-registry';

/** A description of a NAS and of this installation for a report of a fault: no name, address, serial number or secret. */
interface Diagnostics {
  readonly package: string;
  /** Null in Node-RED's test helper, which has no version. */
  readonly nodeRed: string | null;
  readonly node: string;
  readonly platform: string;
  /** Deployed nodes of this package, by type. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Null when the NAS node is not deployed or its settings are wrong. */
  readonly nas: NasDiagnostics | null;
}

/** Reads the diagnostics of a NAS node. What cannot be read of it is described by its error. */
export async function readDiagnostics(RED: NodeAPI, id: string): Promise<Diagnostics> {
  const { name, version } = packageInfo();
  const nas = connectionOf(RED, id);
  return {
    package: `${name} ${version}`,
    nodeRed: await nodeRedVersion(RED),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    nodes: deployedNodes(RED),
    nas: nas === null ? null : await readNasDiagnostics(nas),
  };
}

async function nodeRedVersion({ version }: { readonly version?: NodeAPI['version'] }): Promise<string | null> {
  return version === undefined ? null : version();
}

function deployedNodes(RED: NodeAPI): Record<string, number> {
  const counts = new Map<string, number>();
  RED.nodes.eachNode(({ type }) => {
    if (type.startsWith('active-backup-')) counts.set(type, (counts.get(type) ?? 0) + 1);
  });
  return Object.fromEntries([...counts].sort());
}

function connectionOf(RED: NodeAPI, id: string): NasConnection | null {
  try {
    return getNas(RED, id);
  } catch {
    return null;
  }
}
