/** An immutable JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | ReadonlyJsonObject;
export interface ReadonlyJsonObject {
  readonly [key: string]: JsonValue;
}

/** JSON Schema, draft 2020-12. */
export type JsonSchema = ReadonlyJsonObject;
