import { createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../../scripts/root';

/** Settings of Home Assistant before its first start. */
export interface Seed {
  /** Its configuration folder, empty or absent. */
  readonly folder: string;
  /** Folder of its source, from which the format of the port setting follows. */
  readonly source: string;
  readonly port: number;
  readonly brokerPort: number;
}

/** URL and file name of the dashboard. */
export const DASHBOARD = 'active-backup';

const CREATED = '2026-01-01T00:00:00+00:00';
const YEARS_IN_SECONDS = 315_360_000;

/**
 * Writes the set-up that users do in dialogs: an owner, finished onboarding, the MQTT broker
 * (docs/facts/home-assistant.md §6.4), and the blueprints of the examples.
 * @returns a long-lived token of the owner
 */
export async function seed({ folder, source, port, brokerPort }: Seed): Promise<string> {
  const storage = join(folder, '.storage');
  await mkdir(storage, { recursive: true });
  const write = (key: string, version: [number, number], data: object): Promise<void> =>
    writeFile(
      join(storage, key),
      JSON.stringify({ version: version[0], minor_version: version[1], key, data }, null, 2),
      { mode: 0o600 },
    );
  const { auth, token } = owner();
  const keepsHttp = await keepsHttpInStorage(source);
  await writeFile(join(folder, 'configuration.yaml'), configuration(keepsHttp ? null : port));
  await writeFile(join(folder, 'automations.yaml'), '[]\n');
  await cp(join(root, 'examples', 'home-assistant', 'blueprints'), join(folder, 'blueprints'), { recursive: true });
  await write('onboarding', [4, 1], { done: ['user', 'core_config', 'analytics', 'integration'] });
  await write('auth', [1, 1], auth);
  await write('core.config_entries', [1, 5], { entries: [mqttEntry(brokerPort)] });
  if (keepsHttp) await write('http', [2, 2], httpSettings(port));
  return token;
}

/** Without `default_config`, which loads Bluetooth, the cloud and other discovery. */
function configuration(port: number | null): string {
  return `homeassistant:
  name: Test
  unit_system: metric
  time_zone: UTC
  country: DE
api:
config:
logger:
  default: warning
automation: !include automations.yaml
lovelace:
  dashboards:
    ${DASHBOARD}:
      mode: yaml
      title: Active Backup
      filename: ${DASHBOARD}.yaml
${port === null ? '' : `http:\n  server_host: 127.0.0.1\n  server_port: ${port}\n`}`;
}

/** Releases of late 2026 store these outside of the YAML file, where they would apply for five minutes only. */
async function keepsHttpInStorage(source: string): Promise<boolean> {
  const file = join(source, 'components', 'http', 'config.py');
  return existsSync(file) && (await readFile(file, 'utf8')).includes('STORAGE_VERSION');
}

function httpSettings(port: number): object {
  const stable = {
    server_host: ['127.0.0.1'],
    server_port: port,
    cors_allowed_origins: ['https://cast.home-assistant.io'],
    login_attempts_threshold: -1,
    ip_ban_enabled: true,
    ssl_profile: 'modern',
    use_x_frame_options: true,
    created_at: CREATED,
    error: null,
    error_message: null,
  };
  return { stable, pending: null, yaml_migration_done: true };
}

function mqttEntry(port: number): object {
  return {
    entry_id: '01ABBE2EMQTT00000000000001',
    domain: 'mqtt',
    title: 'mqtt',
    source: 'user',
    unique_id: null,
    version: 1,
    minor_version: 2,
    data: { broker: '127.0.0.1', port, protocol: '5' },
    options: {},
    pref_disable_new_entities: false,
    pref_disable_polling: false,
    disabled_by: null,
    discovery_keys: {},
    subentries: [],
    created_at: CREATED,
    modified_at: CREATED,
  };
}

/** An account and its token: a JSON web token, signed with a key in Home Assistant's storage. */
function owner(): { auth: object; token: string } {
  const [userId, tokenId] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const key = randomBytes(64).toString('hex');
  const issuedAt = Math.floor(Date.now() / 1000);
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: tokenId, iat: issuedAt, exp: issuedAt + YEARS_IN_SECONDS })}`;
  const user = {
    id: userId,
    group_ids: ['system-admin'],
    is_owner: true,
    is_active: true,
    name: 'test',
    system_generated: false,
    local_only: false,
  };
  const refreshToken = {
    id: tokenId,
    user_id: userId,
    client_id: null,
    client_name: 'test',
    client_icon: null,
    token_type: 'long_lived_access_token',
    created_at: CREATED,
    access_token_expiration: YEARS_IN_SECONDS,
    token: randomBytes(64).toString('hex'),
    jwt_key: key,
    last_used_at: null,
    last_used_ip: null,
    expire_at: null,
    credential_id: null,
    version: null,
  };
  const groups = [
    { id: 'system-admin', name: 'Administrators' },
    { id: 'system-users', name: 'Users' },
    { id: 'system-read-only', name: 'Read Only' },
  ];
  return {
    auth: { users: [user], groups, credentials: [], refresh_tokens: [refreshToken] },
    token: `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`,
  };
}
