import { expect, test } from 'vitest';
import { editorDefinitions } from '../../scripts/build/definitions';

const script = (code: string): string => `<script type="text/javascript">${code}</script>`;

test('a literal call is read without running it', () => {
  const code = `(() => { const label = () => 'x'; RED.nodes.registerType('a-b', {
    category: 'synology', inputs: 1, color: someColor, label, defaults: { name: { value: '' }, 'nas': {} } }); })();`;
  expect(editorDefinitions(`<script type="text/html" data-template-name="a-b"></script>${script(code)}`)).toEqual([
    { type: 'a-b', literals: { category: 'synology', inputs: 1 }, defaults: ['name', 'nas'] },
  ]);
});

test.each([
  ['nothing of the kind', script('RED.events.on("x", () => {});')],
  ['a module, which the Flow Library does not read', `<script type="module">RED.nodes.registerType('a', {})</script>`],
])('no definition is found in %s', (_name, html) => expect(editorDefinitions(html)).toEqual([]));

test.each(['RED.nodes.registerType(TYPE, {})', "RED.nodes.registerType('a', definition)"])('%s is refused', (code) => {
  expect(() => editorDefinitions(script(code))).toThrow('registerType must be called with a literal type');
});
