import { describe, expect, test } from 'vitest';
import { isSecretField, removeSecrets } from '../../src/dsm/redact';

describe('fields that hold a secret', () => {
  test.each([
    'agent_token',
    'login_password',
    'mssql_password',
    'oracle_password',
    'mssql_user',
    'oracle_user',
    'passwd',
    'password',
    'PASSWORD',
    'token',
    'device_token',
    'synotoken',
    'sid',
    '_sid',
    'session_sid',
    'did',
    'key',
    'private_key',
    'passphrase',
    'otp_code',
  ])('%s is removed', (name) => {
    expect(isSecretField(name)).toBe(true);
  });

  test.each([
    'unikey',
    'crypto_key_id',
    'key_word',
    'device_id',
    'login_user',
    'task_id',
    'inside',
    'monkey',
    'candid',
  ])('%s is kept', (name) => {
    expect(isSecretField(name)).toBe(false);
  });
});

test('secrets are removed at any depth, also in lists, and everything else is kept', () => {
  const answer = {
    tasks: [{ task_id: 1, devices: [{ device_id: 7, agent_token: 'a', login_password: 'b', host_name: 'PC' }] }],
    total: 1,
    nested: { deep: { synotoken: 'c', kept: null } },
  };
  expect(removeSecrets(answer)).toEqual({
    tasks: [{ task_id: 1, devices: [{ device_id: 7, host_name: 'PC' }] }],
    total: 1,
    nested: { deep: { kept: null } },
  });
});

test.each([[null], [0], ['text'], [[]], [true]])('%j has no fields and is returned unchanged', (value) => {
  expect(removeSecrets(value)).toEqual(value);
});
