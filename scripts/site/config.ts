import { manifest, repositoryUrl, type SitePage } from './pages';

/** An entry of the menu at the side. */
interface MenuEntry {
  readonly text: string;
  readonly link: string;
}

/** Guides in the order of the menu, per language. */
const GUIDES = {
  en: ['overview', 'account', 'troubleshooting', 'files', 'reports', 'home-assistant', 'protection', 'mqtt', 'scale'],
  de: ['de/quick-start', 'de/account', 'de/troubleshooting'],
};

/** Texts of the frame of the site. */
const TEXTS = {
  en: { guides: 'Guides', nodes: 'Nodes', recipes: 'Recipes', reference: 'Reference' },
  de: { guides: 'Anleitungen', nodes: 'Nodes', recipes: 'Beispiele (englisch)', reference: 'Referenz (englisch)' },
};

/** Texts of the search in German. */
const GERMAN_SEARCH = {
  button: { buttonText: 'Suchen', buttonAriaLabel: 'Suchen' },
  modal: {
    noResultsText: 'Nichts gefunden zu',
    resetButtonTitle: 'Zurücksetzen',
    footer: { selectText: 'öffnen', navigateText: 'wechseln', closeText: 'schließen' },
  },
};

/** The configuration of VitePress. @param pages of the site */
export function siteConfig(pages: readonly SitePage[]): object {
  return {
    title: 'Synology Active Backup for Node-RED',
    description: 'Monitor and control Synology Active Backup for Business from Node-RED.',
    base: process.env.SITE_BASE ?? `/${manifest.name}/`,
    outDir: '../site-dist',
    locales: {
      root: { label: 'English', lang: 'en', themeConfig: { sidebar: menu('en', pages) } },
      de: { label: 'Deutsch', lang: 'de', link: '/de/', themeConfig: { sidebar: menu('de', pages) } },
    },
    themeConfig: {
      // The whole name is wider than a phone, and than the menu at the side.
      siteTitle: 'Active Backup',
      // Not every page is in both languages: the switch leads to the first page.
      i18nRouting: false,
      search: { provider: 'local', options: { locales: { de: { translations: GERMAN_SEARCH } } } },
      socialLinks: [{ icon: 'github', link: repositoryUrl }],
    },
  };
}

function menu(language: keyof typeof GUIDES, pages: readonly SitePage[]): object[] {
  const texts = TEXTS[language];
  const own = language === 'en' ? '' : `${language}/`;
  const entries = (paths: readonly SitePage[]): MenuEntry[] =>
    paths.map(({ path, title }) => ({ text: title, link: `/${path}` }));
  const guides = GUIDES[language].flatMap((path) => pages.find((page) => page.path === path) ?? []);
  const others = pages.filter(({ path }) => !path.includes('/') && !GUIDES.en.includes(path));
  return [
    { text: texts.guides, items: entries(guides) },
    { text: texts.nodes, items: entries(pages.filter(({ path }) => path.startsWith(`${own}nodes/`))) },
    { text: texts.recipes, collapsed: true, items: entries(pages.filter(({ path }) => path.startsWith('recipes/'))) },
    { text: texts.reference, collapsed: true, items: entries(others) },
  ];
}

/** What the first page offers, and the description of its image. */
const HOME = {
  en: {
    features: [
      { title: 'A report every morning', details: 'Of all NASes, by mail or in a chat', link: '/reports' },
      { title: 'An alert on the phone', details: 'With ntfy, Telegram, Teams', link: '/recipes/22-ntfy' },
      { title: 'Home Assistant and MQTT', details: 'Discovered, without templates', link: '/home-assistant' },
    ],
    image: 'A dashboard with the backups of two NASes',
  },
  de: {
    features: [
      { title: 'Konto und Zertifikat', details: 'Was das NAS braucht', link: '/de/account' },
      { title: 'Ereignisse', details: 'Fehlgeschlagen, überfällig, wieder in Ordnung', link: '/de/nodes/events' },
      { title: 'Bericht', details: 'Jeden Morgen, für alle NAS', link: '/de/nodes/report' },
    ],
    image: 'Eine Anzeige mit den Sicherungen zweier NAS',
  },
} as const;

/** The first page of a language. */
export function homePage(language: keyof typeof GUIDES): string {
  const [tagline, start, first, help, second] =
    language === 'en'
      ? [
          'List tasks, start backups, get an alert when one fails or is overdue',
          'Overview',
          '/overview',
          'Troubleshooting',
          '/troubleshooting',
        ]
      : [
          'Aufgaben auflisten, Sicherungen starten, eine Nachricht bei Fehlern und Überfälligkeit',
          'Schnellstart',
          '/de/quick-start',
          'Fehlersuche',
          '/de/troubleshooting',
        ];
  const actions = [
    { theme: 'brand', text: start, link: first },
    { theme: 'alt', text: help, link: second },
  ];
  const hero = { name: 'Synology Active Backup', text: 'for Node-RED', tagline, actions };
  const { features, image } = HOME[language];
  return `---\n${JSON.stringify({ layout: 'home', hero, features })}\n---\n\n![${image}](/images/wall-light.png)\n`;
}
