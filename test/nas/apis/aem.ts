import { method } from '../method';
import type { Call, Methods } from '../method';
import { CODE, ApiError } from '../api-error';

/** Captured on a NAS without a leader. */
const UNMANAGED = { role: 2, status: 0 } as const;
/** The numbers of a managed NAS are not published: these merely differ (docs/facts/dsm.md §1.3). */
const MANAGED = { role: 1, status: 1 } as const;

const text = { type: 'string' } as const;
const requiredText = { type: 'string', required: true } as const;

const isHost = (address: string): boolean => /^[\w.:[\]-]+$/.test(address);

function checkKey({ world }: Call<unknown>, key: string): void {
  const { key: validKey } = world.aem;
  if (validKey === null ? key === '' : key !== validKey) throw new ApiError(CODE.invalidParameters);
}

/** Every well-formed address has a leader. */
function checkLeader(address: string): void {
  if (!isHost(address)) throw new ApiError(CODE.serverUnreachable);
}

const leave = method('admin', {}, ({ world }) => {
  Object.assign(world.aem, { joined: false, leaderAddress: '' });
  for (const task of world.tasks.values()) task.workloadUuid = '';
  return undefined;
});

/** SYNO.ActiveBackup.AEM: all methods of the API reference. Only the answers of `get_info` and `leave` are captured. */
export const AEM_METHODS: Methods = {
  get_info: method('read', {}, ({ world }) => ({
    addr: world.aem.joined ? world.aem.leaderAddress : world.aem.localAddress,
    ...(world.aem.joined ? MANAGED : UNMANAGED),
  })),
  get_join_state: method('read', {}, ({ world }) => ({ join_state: world.aem.joined ? 1 : 0 })),
  check_key: method('read', { key: requiredText }, (call) => {
    checkKey(call, call.parameters.key);
    return {};
  }),
  check_leader_address: method('read', { leader_addr: requiredText }, ({ parameters }) => {
    checkLeader(parameters.leader_addr);
    return {};
  }),
  edit_connection: method('admin', { hostname: requiredText }, ({ world, parameters }) => {
    if (!isHost(parameters.hostname)) throw new ApiError(CODE.invalidParameters);
    world.aem.localAddress = parameters.hostname;
    return {};
  }),
  join: method('admin', { key: requiredText, leader_addr: text }, (call) => {
    const { aem, tasks, random } = call.world;
    if (aem.joined) throw new ApiError(CODE.serverUsed);
    checkKey(call, call.parameters.key);
    const leaderAddress = call.parameters.leader_addr ?? 'leader.lan';
    checkLeader(leaderAddress);
    Object.assign(aem, { joined: true, leaderAddress });
    for (const task of tasks.values()) task.workloadUuid = random.uuid();
    return {};
  }),
  leave,
  leave_by_leader: leave,
  rebuild_version: method('admin', {}, () => undefined),
  rebuild_workload: method('admin', {}, () => undefined),
};
