/*
 * The part of Node-RED's editor that our dialogs use, as of Node-RED 4.0 to 5.0. The published types are of version 1:
 * validators with one argument, no `label` on properties, no password type in typed inputs.
 */

/** Translates a key; `__name__` in the text is replaced by `options.name`. An unknown key comes back as it is. */
type Translate = (key: string, options?: Readonly<Record<string, string | number>>) => string;

/** A node in the editor: `this` of every function of its definition, also while no dialog is open. */
interface EditorNode {
  readonly id: string;
  name?: string;
  /** Keys without a namespace are looked up in the catalogue of the node's own set. */
  readonly _: Translate;
  /** Known once the dialog was open; a password that is stored shows as `has_<name>` alone. */
  readonly credentials?: EditorCredentials;
}

type EditorCredentials = Record<string, string | boolean | undefined>;

/** A config node in the editor; its properties are those of its type, and of any kind. */
interface EditorConfigNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

interface EditorProperty {
  value: unknown;
  /** Type of the config node the property holds the id of. */
  type?: string;
  required?: boolean;
  /** Stands before the reason when the property is invalid. */
  label?: string;
  /** True, or why not. Node-RED accepts `${VAR}` without asking, and takes a reason only from functions with two parameters. */
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
  /** What the palette and the title of the dialog call it; `this` is the definition. */
  paletteLabel?(this: { readonly _: Translate }): string;
  label(this: EditorNode & Properties): string;
  labelStyle?(this: EditorNode & Properties): string;
  oneditprepare?(this: EditorNode & Properties): void;
  /** Runs before Node-RED itself reads the inputs whose ids are made of the properties' names. */
  oneditsave?(this: EditorNode & Properties): void;
  /** `this` may be anything: a new node is not there any more. */
  oneditcancel?(): void;
  oneditdelete?(): void;
}

/** One choice of a typed input's type menu. */
interface TypedInputType {
  value: string;
  label: string;
  icon?: string;
  options?: { value: string; label: string }[];
  inputType?: 'password';
  /** The type alone says everything. */
  hasValue?: false;
  autoComplete?: SuggestionSearch;
}

/** One suggestion of an `autoComplete` field; Node-RED puts a text in as text. */
interface Suggestion {
  value: string;
  label: string | JQuery;
}

/** Node-RED sees by its two parameters that it calls `done`, at once or later. */
type SuggestionSearch = (typed: string, done: (suggestions: Suggestion[]) => void) => void;

// The name of the type parameter has to be that of the original.
// eslint-disable-next-line @typescript-eslint/no-unused-vars
interface JQuery<TElement = HTMLElement> {
  typedInput(options: { types: (string | TypedInputType)[]; default?: string }): this;
  typedInput(method: 'type' | 'value'): string;
  typedInput(method: 'type' | 'value', value: string): this;
  /** @param options `minLength` 0: the down arrow shows the list of an empty field too */
  autoComplete(options: { search: SuggestionSearch | ((typed: string) => Suggestion[]); minLength?: number }): this;
}

declare const RED: {
  readonly _: Translate;
  readonly i18n: {
    /** The language the editor is shown in: `de`. */
    lang(): string;
  };
  readonly nodes: {
    registerType<Properties>(type: string, definition: EditorDefinition<Properties>): void;
    /** Calls back with every config node of all flows, until one answer is false. */
    eachConfig(look: (node: EditorConfigNode) => boolean | undefined): void;
  };
  readonly clipboard: {
    /** Copies by the old way, which also works without HTTPS. @returns whether the browser let it */
    copyText(text: string): boolean;
  };
  readonly utils: {
    /** What a node is called in the flow. */
    getNodeLabel(node: EditorConfigNode, preset: string): string;
    /** True, or in words why a value is none of its type (number, JSON, JSONata, `msg.` path …). */
    validateTypedProperty(value: unknown, type: string, options: object): true | string;
  };
};
