import { once } from 'node:events';
import WebSocket from 'ws';

/** An entity as Home Assistant has it. */
export interface HaEntity {
  readonly entityId: string;
  readonly uniqueId: string;
  /** Null: it is enabled. */
  readonly disabledBy: string | null;
  readonly deviceId: string | null;
  /** Null while it has none: it is disabled, or not loaded yet. */
  readonly state: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A device as Home Assistant has it. */
export interface HaDevice {
  readonly id: string;
  readonly name: string | null;
  /** Those of MQTT. */
  readonly identifiers: readonly string[];
  readonly viaDeviceId: string | null;
}

/** Requests to a running Home Assistant. */
export interface HaApi {
  /** Whether it has started completely. */
  isRunning(): Promise<boolean>;
  /** Every MQTT entity, by its unique id. */
  entities(): Promise<ReadonlyMap<string, HaEntity>>;
  /** Every MQTT device, by its identifier. */
  devices(): Promise<ReadonlyMap<string, HaDevice>>;
  /** Calls a service (an action): `button.press`. */
  call(service: string, data: Record<string, unknown>): Promise<void>;
  /** Creates an automation from a blueprint, `automation.<name>`. @param path below `blueprints/automation` */
  automate(name: string, path: string, input: Record<string, unknown>): Promise<void>;
  /** State of any entity; null: there is none. */
  stateOf(entityId: string): Promise<string | null>;
  /** Ids of all entities whose state changes from now on: the recorder writes a row for each change. */
  stateChanges(): Promise<StateChanges>;
  /** Titles and texts of the notifications. */
  notifications(): Promise<string[]>;
  /** Whether it lists its services, without which its pages are empty. */
  hasPages(): Promise<boolean>;
  /** A dashboard as Home Assistant has read it from its file. @throws Error when it cannot */
  dashboard(urlPath: string): Promise<unknown>;
}

/** The state changes since it was opened, in order; close it when done. */
interface StateChanges {
  readonly entityIds: readonly string[];
  close(): void;
}

interface RegistryEntity {
  platform: string;
  entity_id: string;
  unique_id: string;
  disabled_by: string | null;
  device_id: string | null;
}
interface RegistryDevice {
  id: string;
  name: string | null;
  identifiers: [string, string][];
  via_device_id: string | null;
}
interface State {
  entity_id: string;
  state: string;
  attributes: Record<string, unknown>;
}

/** @param token of {@link seed} */
export function homeAssistantApi(url: string, token: string): HaApi {
  const rest = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`${url}/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`Home Assistant answered ${path} with ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    isRunning: async () => (await rest<{ state?: string }>('config')).state === 'RUNNING',
    entities: async () => {
      const registry = await request<RegistryEntity[]>(url, token, { type: 'config/entity_registry/list' });
      const states = new Map((await rest<State[]>('states')).map((state) => [state.entity_id, state]));
      const entities = registry
        .filter(({ platform }) => platform === 'mqtt')
        .map((entry): [string, HaEntity] => {
          const { state = null, attributes = {} } = states.get(entry.entity_id) ?? {};
          const { entity_id: entityId, unique_id: uniqueId, disabled_by: disabledBy, device_id: deviceId } = entry;
          return [uniqueId, { entityId, uniqueId, disabledBy, deviceId, state, attributes }];
        });
      return new Map(entities);
    },
    devices: async () => {
      const registry = await request<RegistryDevice[]>(url, token, { type: 'config/device_registry/list' });
      const devices = registry.flatMap(({ id, name, identifiers, via_device_id: viaDeviceId }) => {
        const own = identifiers.filter(([domain]) => domain === 'mqtt').map(([, identifier]) => identifier);
        return own.map((identifier): [string, HaDevice] => [identifier, { id, name, identifiers: own, viaDeviceId }]);
      });
      return new Map(devices);
    },
    call: async (service, data) => {
      await rest(`services/${service.replace('.', '/')}`, data);
    },
    automate: async (name, path, input) => {
      await rest(`config/automation/config/${name}`, { alias: name, use_blueprint: { path, input } });
    },
    stateOf: async (entityId) =>
      (await rest<State[]>('states')).find(({ entity_id: id }) => id === entityId)?.state ?? null,
    stateChanges: () => stateChanges(url, token),
    notifications: async () => {
      const all = await request<{ title: string; message: string }[]>(url, token, {
        type: 'persistent_notification/get',
      });
      return all.map(({ title, message }) => `${title}: ${message}`);
    },
    hasPages: () =>
      request(url, token, { type: 'get_services' }).then(
        () => true,
        () => false,
      ),
    dashboard: (urlPath) => request(url, token, { type: 'lovelace/config', url_path: urlPath, force: true }),
  };
}

interface SocketMessage {
  type: string;
  success?: boolean;
  result?: unknown;
  error?: { message: string };
  event?: { data: { entity_id: string } };
}

/** A WebSocket that is authenticated as the owner. */
interface Socket {
  send(message: object): void;
  /** The next message. @throws Error when Home Assistant closes the socket before */
  next(): Promise<SocketMessage>;
  close(): void;
}

async function openSocket(url: string, token: string): Promise<Socket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/websocket`);
  const messages: SocketMessage[] = [];
  let onMessage = (): void => undefined;
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as SocketMessage);
    onMessage();
  });
  const closed = once(socket, 'close').then(() => {
    throw new Error('Home Assistant closed the WebSocket');
  });
  closed.catch(() => undefined);
  const next = async (): Promise<SocketMessage> => {
    if (messages.length === 0) await Promise.race([new Promise<void>((resolve) => (onMessage = resolve)), closed]);
    return messages.shift() ?? (await next());
  };
  const opened: Socket = {
    send: (message) => {
      socket.send(JSON.stringify(message));
    },
    next,
    close: () => {
      socket.terminate();
    },
  };
  try {
    await next(); // the request for the token
    opened.send({ type: 'auth', access_token: token });
    if ((await next()).type !== 'auth_ok') throw new Error('Home Assistant refuses the token');
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** One request over a WebSocket of its own, the only access to the registries. */
async function request<T>(
  url: string,
  token: string,
  command: { type: string; [option: string]: unknown },
): Promise<T> {
  const socket = await openSocket(url, token);
  try {
    socket.send({ id: 1, ...command });
    const { success, result, error } = await socket.next();
    if (success !== true) throw new Error(`Home Assistant refuses ${command.type}: ${error?.message}`);
    return result as T;
  } finally {
    socket.close();
  }
}

async function stateChanges(url: string, token: string): Promise<StateChanges> {
  const socket = await openSocket(url, token);
  socket.send({ id: 1, type: 'subscribe_events', event_type: 'state_changed' });
  const { success, error } = await socket.next();
  if (success !== true) throw new Error(`Home Assistant refuses the subscription to its states: ${error?.message}`);
  const entityIds: string[] = [];
  const listen = async (): Promise<void> => {
    for (;;) entityIds.push((await socket.next()).event?.data.entity_id ?? '?');
  };
  listen().catch(() => undefined); // it was closed
  return {
    entityIds,
    close: () => {
      socket.close();
    },
  };
}
