/*
 * The part of Node-RED's editor API that the dialogs use, of Node-RED 4.0 to 5.0. The published types are of version 1: they
 * have validators with one argument, no `label` of properties, and no password type in typed inputs.
 */

/** Looks up a text; `__name__` in it is replaced by `options.name`. Returns an unknown key as it is. */
type Translate = (key: string, options?: Readonly<Record<string, string | number>>) => string;

/** A node in the editor: `this` of the functions in its definition, also while no dialog is open. */
interface EditorNode {
  readonly id: string;
  name?: string;
  /** Looks up keys without a namespace in the catalogue of the node's own set. */
  readonly _: Translate;
  /** Loaded when the dialog opens for the first time. A stored password is only `has_<name>: true`. */
  readonly credentials?: EditorCredentials;
}

type EditorCredentials = Record<string, string | boolean | undefined>;

/** A config node in the editor, of any type. */
interface EditorConfigNode {
  readonly id: string;
  readonly type: string;
  /** Changed, or new, since the last deployment. */
  readonly changed?: boolean;
  /** Loaded when the dialog of the node opens for the first time. */
  readonly credentials?: EditorCredentials;
  readonly [property: string]: unknown;
}

interface EditorProperty {
  value: unknown;
  /** For the id of a config node: the type of that node. */
  type?: string;
  required?: boolean;
  /** Shown before the reason if the property is invalid. */
  label?: string;
  /**
   * Returns true, or the reason why the value is invalid. Node-RED accepts `${VAR}` without a call, and takes a reason only from
   * functions with two parameters.
   */
  validate?: Validator;
}

type Validator<Properties = object> = (
  this: EditorNode & Partial<Properties>,
  value: unknown,
  options: { label?: string },
) => true | string;

interface EditorCredential {
  type: 'text' | 'password';
  required?: boolean;
  label?: string;
}

interface EditorDefinition<Properties> {
  category: string;
  color: string;
  icon: string;
  defaults: { [Name in keyof Properties]-?: EditorProperty } & { name: EditorProperty };
  credentials?: Record<string, EditorCredential>;
  inputs?: number;
  outputs?: number;
  inputLabels?(this: EditorNode & Properties, index: number): string;
  outputLabels?(this: EditorNode & Properties, index: number): string;
  /** Name in the palette and in the title of the dialog; `this` is the definition. */
  paletteLabel?(this: { readonly _: Translate }): string;
  label(this: EditorNode & Properties): string;
  labelStyle?(this: EditorNode & Properties): string;
  oneditprepare?(this: EditorNode & Properties): void;
  /** Called before Node-RED reads the inputs whose ids contain the names of properties. */
  oneditsave?(this: EditorNode & Properties): void;
  /** `this` is undefined for a new node, which is already removed. */
  oneditcancel?(): void;
  oneditdelete?(): void;
}

/** One entry of a typed input's type menu. */
interface TypedInputType {
  value: string;
  label: string;
  icon?: string;
  options?: { value: string; label: string }[];
  inputType?: 'password';
  /** The type has no value. */
  hasValue?: false;
  autoComplete?: SuggestionSearch;
}

/** One suggestion of an `autoComplete` field; Node-RED inserts a text label as text, not as HTML. */
interface Suggestion {
  value: string;
  label: string | JQuery;
}

/** By the two parameters, Node-RED recognizes a search that calls `done`, at once or later. */
type SuggestionSearch = (typed: string, done: (suggestions: Suggestion[]) => void) => void;

// The type parameter must have the name of the original.
// eslint-disable-next-line @typescript-eslint/no-unused-vars
interface JQuery<TElement = HTMLElement> {
  typedInput(options: { types: (string | TypedInputType)[]; default?: string }): this;
  typedInput(method: 'type' | 'value'): string;
  typedInput(method: 'type' | 'value', value: string): this;
  /** @param options `minLength` 0: the down arrow also opens the list of an empty field */
  autoComplete(options: { search: SuggestionSearch | ((typed: string) => Suggestion[]); minLength?: number }): this;
}

declare const RED: {
  readonly _: Translate;
  readonly i18n: {
    /** The language of the editor: `de`. */
    lang(): string;
  };
  readonly nodes: {
    registerType<Properties>(type: string, definition: EditorDefinition<Properties>): void;
    /** Calls back with each config node of all flows, until the callback returns false. */
    eachConfig(callback: (node: EditorConfigNode) => boolean | undefined): void;
    /** The node with an id, config nodes included; null or undefined without one. */
    node(id: string): EditorConfigNode | null | undefined;
  };
  readonly clipboard: {
    /** Copies with `document.execCommand`, which also works without HTTPS. @returns whether the browser allowed it */
    copyText(text: string): boolean;
  };
  readonly utils: {
    /** The label of a node in the flow. */
    getNodeLabel(node: EditorConfigNode, preset: string): string;
    /** Returns true, or why the value is not of the type (number, JSON, JSONata, `msg.` path …). */
    validateTypedProperty(value: unknown, type: string, options: object): true | string;
  };
};
