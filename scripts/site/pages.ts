import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import type { FlowNode } from '../demo/flow';
import { root } from '../root';

/** A language of the documentation site: that of its pages, and the folder of the nodes' texts. */
const SITE_LANGUAGES = [
  { language: 'en', locale: 'en-US', folder: '' },
  { language: 'de', locale: 'de', folder: 'de/' },
] as const;

type SiteLanguage = (typeof SITE_LANGUAGES)[number];

/** A page of the site: its path without `.md`, title and Markdown. */
export interface SitePage {
  readonly path: string;
  readonly title: string;
  readonly text: string;
}

/** The parts of package.json that the site shows. */
interface Manifest {
  readonly name: string;
  readonly repository: { readonly url: string };
  readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> };
}

/** package.json of this checkout. */
export const manifest = JSON.parse(readText('package.json')) as Manifest;

/** The address of the sources on GitHub. */
export const repositoryUrl = manifest.repository.url.replace(/^git\+|\.git$/g, '');

/** Pages of `docs` that are for developers of this package: they stay in the repository. */
const DEVELOPERS = new Set(['README', 'architecture', 'release']);

/** Every page of the site: guides, one for each node, and one for each recipe. */
export function sitePages(): SitePage[] {
  return [...guides(), ...SITE_LANGUAGES.flatMap(nodePages), ...recipePages()];
}

/** The pages of `docs`, and the README as an overview. */
function guides(): SitePage[] {
  const docs = ['', 'de/'].flatMap((folder) =>
    readdirSync(join(root, 'docs', folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => folder + file.replace(/\.md$/, ''))
      .filter((path) => !DEVELOPERS.has(path)),
  );
  const paths = new Map([['README.md', 'overview'], ...docs.map((path) => [`docs/${path}.md`, path] as const)]);
  return [...paths].map(([file, path]) => {
    const text = withSiteLinks(readText(file), file, paths, path);
    return { path, title: path === 'overview' ? 'Overview' : titleOf(text), text };
  });
}

/**
 * Links between pages of the site, and to the repository for everything else.
 * @param file of the page in the repository; @param paths file → path of each page; @param to path of this page
 */
function withSiteLinks(text: string, file: string, paths: ReadonlyMap<string, string>, to: string): string {
  return withHeadingIds(text).replace(
    /(!?)\]\((?!https?:|#)([^)\s#]+)(#[^)\s]*)?\)/g,
    (_, mark: string, link: string, hash = '') => {
      const target = posix.join(dirname(file), link);
      const page = paths.get(target);
      if (page !== undefined) return `${mark}](${posix.relative(dirname(to), page)}.md${String(hash)})`;
      if (target.startsWith('docs/images/')) return `${mark}](/images/${basename(target)})`;
      return `${mark}](${repositoryUrl}/blob/main/${target}${String(hash)})`;
    },
  );
}

/** The headings with the ids that GitHub gives them, which the links use; those of VitePress differ. */
function withHeadingIds(text: string): string {
  const used = new Map<string, number>();
  return text.replace(/^##+ (.+)$/gm, (line, title: string) => {
    const slug = title
      .replace(/\]\([^)]*\)/g, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const times = used.get(slug) ?? 0;
    used.set(slug, times + 1);
    return `${line} {#${times === 0 ? slug : `${slug}-${times}`}}`;
  });
}

/** The help of each node, as the editor shows it. */
function nodePages({ locale, folder }: SiteLanguage): SitePage[] {
  return Object.keys(manifest['node-red'].nodes).map((set) => {
    const html = readText(`nodes/${set}/locales/${locale}/${set}.html`);
    const help = html.replace(/<\/?script[^>]*>/g, '').replace(/^\s*\n/gm, '');
    const title = `active-backup-${set}`;
    // Indented lines would be code; the braces of an object are no expression.
    const text = `# ${title}\n\n<div v-pre>\n${help.replace(/^\s+/gm, '')}\n</div>\n`;
    return { path: `${folder}nodes/${set}`, title, text };
  });
}

/** The examples, with the texts of their comments. */
function recipePages(): SitePage[] {
  return exampleFiles().map((file) => {
    const nodes = JSON.parse(readText(`examples/${file}`)) as FlowNode[];
    const [does, change] = nodes.filter(({ type }) => type === 'comment');
    const label = nodes.find(({ type }) => type === 'tab')?.label;
    const title = typeof label === 'string' ? label : file;
    const place = `*Menu → Import → Examples → ${manifest.name} → ${file.replace('/', ' → ').replace('.json', '')}*`;
    const text = [
      `# ${title}`,
      `**${String(does?.name)}.** Import: ${place}, or [download the flow](pathname:///examples/${file}).`,
      `${String(change?.name)}.`,
      String(does?.info),
    ].join('\n\n');
    return { path: `recipes/${basename(file, '.json')}`, title, text: text.replaceAll('pathname://', '') + '\n' };
  });
}

/** The flows of `examples`. */
export function exampleFiles(): string[] {
  return readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
}

function titleOf(text: string): string {
  return /^# (.+)$/m.exec(text)?.[1] ?? '';
}

function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
