import type { JsonObject } from '../../dsm/json';
import { STORAGE_COMPRESSION, STORAGE_ENCRYPTION, codeToName } from '../codes';
import { integerOf } from '../json-fields';
import type { StorageFormat } from '../storage-types';

/** Parses encryption and compression, which shares and storages have in common; null for an unlisted number. */
export function parseFormat(raw: JsonObject): StorageFormat {
  const encryptionCode = integerOf(raw['storage_encrypt_algorithm']);
  const compressionCode = integerOf(raw['storage_compress_algorithm']);
  return {
    encrypted: isUsed(codeToName(STORAGE_ENCRYPTION, encryptionCode)),
    encryptionCode,
    compressed: isUsed(codeToName(STORAGE_COMPRESSION, compressionCode)),
    compressionCode,
  };
}

function isUsed(word: string): boolean | null {
  if (word === 'none') return false;
  return word === 'unknown' || word === 'not_set' ? null : true;
}
