import { expect, test } from 'vitest';
import type { NasInfo } from '../../src/active-backup/nas-info';
import { identityOf, storedIdentity } from '../../src/bridge/nas-identity';
import type { PersistedState } from '../../src/bridge/persisted-state';

const infoOf = (serialNumber: string | null): NasInfo => ({
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
])('the id of serial number $serial at $address with the property "$chosen" is $nasId', (given) => {
  expect(identityOf(given.chosen, infoOf(given.serial), at(given.address)).nasId).toBe(given.nasId);
});

test('the description has everything that Home Assistant shows of the NAS', () => {
  expect(identityOf('', infoOf('A1'), at('https://nas.lan:5001/')).description).toEqual({
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
])('a NAS node named $name with host name $hostName has the name $shown', ({ name, hostName, serial, shown }) => {
  const given = { address: 'https://192.168.1.2:5001/', name };
  expect(identityOf('', { ...infoOf(serial), hostName }, given).description.name).toBe(shown);
});

test('a NAS configured by its address keeps its name while it is offline', () => {
  const given = { address: 'https://192.168.1.2:5001/', name: '192.168.1.2' };
  const { description: facts } = identityOf('', infoOf('A1'), given);
  const before: PersistedState = {
    ...{ version: 1, address: given.address, chosen: '', nasId: 'a1', facts },
    ...{ documents: [], configs: {}, removed: [] },
  };
  expect(storedIdentity(before, given, '')?.description.name).toBe('DiskStation');
  // Stored by release 0.1 with the address as name.
  const old = { ...before, facts: { ...facts, name: '192.168.1.2' } };
  expect(storedIdentity(old, given, '')?.description.name).toBe('DS920+ A1');
});

test.each([
  { what: 'the same NAS', address: 'https://nas.lan:5001/', chosen: '', nasId: 'a1' },
  { what: 'another NAS', address: 'https://other.lan:5001/', chosen: '', nasId: null },
  { what: 'another id', address: 'https://nas.lan:5001/', chosen: 'cellar', nasId: null },
])('$what: while it is offline its id is $nasId', ({ address, chosen, nasId }) => {
  const { description: facts } = identityOf('', infoOf('A1'), at('https://nas.lan:5001/'));
  const before: PersistedState = {
    ...{ version: 1, address: 'https://nas.lan:5001/', chosen: '', nasId: 'a1', facts },
    ...{ documents: [], configs: {}, removed: [] },
  };
  expect(storedIdentity(before, at(address), chosen)?.nasId ?? null).toBe(nasId);
  // A configured id is not used after the property has been emptied.
  expect(storedIdentity({ ...before, chosen: 'cellar', nasId: 'cellar' }, at(address), '')).toBeNull();
});
