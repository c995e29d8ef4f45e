import { root } from '../../scripts/root';
import { startProgram, type Program } from './program';

/** The demo of `npm start` as a child process on free ports. */
export interface Demo {
  readonly url: string;
  readonly program: Program;
}

/** Starts the demo with its state in `dir`; resolves when the flow runs. */
export async function startDemo(dir: string, env: Record<string, string> = {}): Promise<Demo> {
  const ports = { PORT: '0', NAS_PORT: '0', MQTT_PORT: '0' };
  const program = startProgram(['--import', 'tsx', 'scripts/start.ts'], {
    cwd: root,
    env: { ...ports, DEMO_DIR: dir, ...env },
  });
  await program.printed(/^Ready/m);
  const [, url = ''] = await program.printed(/Node-RED +(http:\S+)/);
  return { url, program };
}
