import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * The html of a node: the form with its template, then the node's editor code as one plain script, not minified so that
 * it can be read in the browser.
 */
export async function editorHtml(form: string, code: string): Promise<string> {
  const bundle = await build({
    entryPoints: [code],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2020',
    charset: 'utf8',
    logLevel: 'silent',
  });
  const [script] = bundle.outputFiles;
  if (script === undefined) throw new Error(`esbuild made nothing of ${code}`);
  return `${(await readFile(form, 'utf8')).trimEnd()}\n\n<script type="text/javascript">\n${script.text}</script>\n`;
}
