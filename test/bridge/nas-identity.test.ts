import { expect, test } from 'vitest';
import type { NasInfo } from '../../src/active-backup/nas-info';
import { identityOf, storedIdentity } from '../../src/bridge/nas-identity';
import type { PersistedState } from '../../src/bridge/persisted-state';

const about = (serialNumber: string | null): NasInfo => ({
  model: 'DS920+',
  dsmVersion: 'DSM 7.2.1-69057',
  activeBackupVersion: '2.7.0',
  hostName: 'DiskStation',
  serialNumber,
  taskCount: 1,
  rights: 'administrator',
});
const at = (address: string) => ({ address, name: 'Cellar' });

test.each([
  { chosen: '', serial: '1930PDN123456', address: 'https://nas.lan:5001/', nasId: '1930pdn123456' },
  { chosen: 'Mine', serial: '1930PDN123456', address: 'https://nas.lan:5001/', nasId: 'Mine' },
  { chosen: '', serial: null, address: 'https://my-nas.lan:5001/', nasId: 'my_nas_lan' },
  { chosen: '', serial: '---', address: 'http://192.168.1.2:5000/', nasId: '192_168_1_2' },
  { chosen: '', serial: null, address: 'https://[fe80::1]:5001/', nasId: 'fe80_1' },
  { chosen: '', serial: '../#/+', address: 'https://example.com/nas/', nasId: 'example_com' },
])('a NAS with the serial number $serial at $address, called "$chosen", is $nasId in topics', (given) => {
  expect(identityOf(given.chosen, about(given.serial), at(given.address)).nasId).toBe(given.nasId);
});

test('it brings what Home Assistant shows of the NAS', () => {
  expect(identityOf('', about('A1'), at('https://nas.lan:5001/')).description).toEqual({
    name: 'Cellar',
    model: 'DS920+',
    dsmVersion: 'DSM 7.2.1-69057',
    activeBackupVersion: '2.7.0',
    serialNumber: 'A1',
    url: 'https://nas.lan:5001/',
  });
});

test.each([
  { name: '192.168.1.2', hostName: 'DiskStation', serial: 'A1', shown: 'DiskStation' },
  { name: '192.168.1.2', hostName: null, serial: 'A1', shown: 'DS920+ A1' },
  { name: '[fe80::1]', hostName: null, serial: null, shown: 'DS920+' },
  { name: '10.0.0.7 in the cellar', hostName: 'DiskStation', serial: 'A1', shown: '10.0.0.7 in the cellar' },
])('a NAS node called $name whose NAS is called $hostName is $shown', ({ name, hostName, serial, shown }) => {
  const given = { address: 'https://192.168.1.2:5001/', name };
  expect(identityOf('', { ...about(serial), hostName }, given).description.name).toBe(shown);
});

test('a NAS entered by its address keeps its name while it is away', () => {
  const given = { address: 'https://192.168.1.2:5001/', name: '192.168.1.2' };
  const { description: facts } = identityOf('', about('A1'), given);
  const before: PersistedState = {
    ...{ version: 1, address: given.address, chosen: '', nasId: 'a1', facts },
    ...{ documents: [], configs: {}, removed: [] },
  };
  expect(storedIdentity(before, given, '')?.description.name).toBe('DiskStation');
  // Of a release that called it by its address.
  const old = { ...before, facts: { ...facts, name: '192.168.1.2' } };
  expect(storedIdentity(old, given, '')?.description.name).toBe('DS920+ A1');
});

test.each([
  { what: 'the same NAS', address: 'https://nas.lan:5001/', chosen: '', nasId: 'a1' },
  { what: 'another NAS', address: 'https://other.lan:5001/', chosen: '', nasId: null },
  { what: 'another id', address: 'https://nas.lan:5001/', chosen: 'cellar', nasId: null },
])('$what: while it is away it is $nasId', ({ address, chosen, nasId }) => {
  const { description: facts } = identityOf('', about('A1'), at('https://nas.lan:5001/'));
  const before: PersistedState = {
    ...{ version: 1, address: 'https://nas.lan:5001/', chosen: '', nasId: 'a1', facts },
    ...{ documents: [], configs: {}, removed: [] },
  };
  expect(storedIdentity(before, at(address), chosen)?.nasId ?? null).toBe(nasId);
  // An id that was chosen is not kept when the NAS shall decide again.
  expect(storedIdentity({ ...before, chosen: 'cellar', nasId: 'cellar' }, at(address), '')).toBeNull();
});
