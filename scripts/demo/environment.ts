import { join } from 'node:path';
import { root } from '../root';

/** Settings of the demo from the environment; a port of 0 means any free one. */
export interface DemoSettings {
  /** Port of Node-RED. */
  port: number;
  /** Port of the simulated NAS; null when SYNOLOGY_HOST names a real one. */
  nasPort: number | null;
  /** Port of the MQTT broker; null when MQTT_URL names a real one. */
  mqttPort: number | null;
  /** Node-RED's folder: flows, credentials, settings. */
  userDir: string;
}

/** A wrong setting or a port in use, shown without a stack. */
export class DemoError extends Error {}

/** Ports by the variable that sets them, with their default and use. */
const PORTS = {
  PORT: { preset: 1880, use: 'Node-RED' },
  NAS_PORT: { preset: 5000, use: 'the simulated NAS' },
  MQTT_PORT: { preset: 1883, use: 'the MQTT broker' },
} as const;
export type PortVariable = keyof typeof PORTS;

/**
 * Reads the variables PORT, NAS_PORT, MQTT_PORT, SYNOLOGY_HOST, MQTT_URL, and DEMO_DIR (for tests).
 * @throws DemoError for an invalid port
 */
export function demoSettings(env: Readonly<Record<string, string | undefined>>): DemoSettings {
  return {
    port: portOf(env, 'PORT'),
    nasPort: env.SYNOLOGY_HOST ? null : portOf(env, 'NAS_PORT'),
    mqttPort: env.MQTT_URL ? null : portOf(env, 'MQTT_PORT'),
    userDir: env.DEMO_DIR || join(root, '.demo'),
  };
}

function portOf(env: Readonly<Record<string, string | undefined>>, variable: PortVariable): number {
  const text = env[variable]?.trim() ?? '';
  if (text === '') return PORTS[variable].preset;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new DemoError(`${variable} must be a port number, not "${text}".`);
}

/** Turns the error of a failed start on a port into a DemoError; returns any other error unchanged. */
export function portError(error: unknown, variable: PortVariable, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EADDRINUSE' ? 'is in use' : 'is not allowed to this user';
  return new DemoError(
    `Port ${port} for ${PORTS[variable].use} ${why}. Choose another: ${variable}=${port + 1 > 65535 ? 10000 : port + 1} npm start`,
  );
}
