import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { FlowNode } from '../../scripts/demo/flow';
import { openBrowser } from './browser';
import { openEditor, type EditorPage } from './editor-page';
import { linkPackage } from './linked-package';
import { LIGHT_EDITOR, startNodeRed, type NodeRed } from './node-red';
import { coreNodesBut } from './node-red-package';
import { tempDir } from './temp-dir';

/** How a test opens the editor. */
export interface EditorOptions {
  /** Of the browser; default `en-US`. */
  readonly language?: string;
  /** A page of its own, for a test that changes the page itself; default false. */
  readonly newPage?: boolean;
  /** Whether the page may log errors, such as those of failed requests; default false. */
  readonly mayLogErrors?: boolean;
}

/** One Node-RED and one browser for all tests of a file. */
export interface EditorSuite {
  readonly nodeRed: NodeRed;
  /**
   * Deploys a flow and shows it in the editor until the test ends.
   * The test fails when a script of the page fails, or when a text of the flow runs as a script (`window.hacked`).
   */
  open(flow: FlowNode[], options?: EditorOptions): Promise<Page>;
  /** The deployed node with this id. @throws Error when there is none */
  deployedNode(id: string): Promise<FlowNode>;
  /** All deployed nodes. */
  deployedFlow(): Promise<FlowNode[]>;
}

const LANGUAGE = 'en-US';

/** Node-RED's own nodes in the flows of these tests, and those that its editor needs: the others are a tenth of the page. */
const CORE_NODES = ['05-junction', '20-inject', '21-debug', '91-global-config', '98-unknown', '05-tls', '10-mqtt'];
const FEW_CORE_NODES = coreNodesBut(...CORE_NODES.map((name) => `${name}.js`));

/**
 * Starts Node-RED and Chromium before the tests of a file and stops them after the last one. A page takes about as
 * long to load as a test takes to run, so the page stays open and each test loads its own flow into it, in the way
 * in which Node-RED's editor itself changes to the flow of another project.
 * @param chromium path of the browser; @param purpose part of the name of the temporary folder
 * @param options size: of the window in pixels; allNodes: whether Node-RED loads all its own nodes, which takes longer
 */
export function editorSuite(
  chromium: string,
  purpose: string,
  { allNodes = false, ...size }: { width: number; height: number; allNodes?: boolean },
): EditorSuite {
  let nodeRed: NodeRed;
  let browser: Browser;
  let dir: Awaited<ReturnType<typeof tempDir>>;
  /** The page that the next test may use; null before the first test and after one that failed. */
  let idle: EditorPage | null = null;

  beforeAll(async () => {
    dir = await tempDir(purpose);
    await linkPackage(dir.path);
    const settings = { editorTheme: LIGHT_EDITOR, ...(!allNodes && { nodesExcludes: FEW_CORE_NODES }) };
    [nodeRed, browser] = await Promise.all([startNodeRed(dir.path, settings), openBrowser(chromium)]);
  });
  afterAll(async () => {
    await browser.close();
    await nodeRed.stop();
    await dir.remove();
  });

  const openPage = (language: string): Promise<EditorPage> =>
    openEditor(browser, nodeRed.url, { ...size, locale: language });

  async function open(flow: FlowNode[], options: EditorOptions = {}): Promise<Page> {
    const { language = LANGUAGE, newPage = false, mayLogErrors = false } = options;
    const isShared = !newPage && language === LANGUAGE;
    const reused = isShared ? idle : null;
    if (isShared) idle = null;
    if (reused !== null) await reused.page.evaluate(FORGET_VERSION);
    await nodeRed.deploy(flow);
    const editor = reused ?? (await openPage(language));
    if (reused !== null) await reused.page.evaluate(LOAD_FLOW);
    onTestFinished(async ({ task }) => {
      const isHacked = await editor.page.evaluate(() => 'hacked' in window);
      const errors = editor.takeErrors();
      if (isShared && !isHacked && task.result?.state !== 'fail') {
        await tidy(editor.page);
        idle = editor;
      } else {
        await editor.page.close();
      }
      expect(isHacked).toBe(false);
      if (!mayLogErrors) expect(errors).toEqual([]);
    });
    return editor.page;
  }

  async function deployedFlow(): Promise<FlowNode[]> {
    const response = await nodeRed.get('flows', { 'node-red-api-version': 'v2' });
    return ((await response.json()) as { flows: FlowNode[] }).flows;
  }

  return {
    get nodeRed() {
      return nodeRed;
    },
    open,
    deployedFlow,
    deployedNode: async (id) => {
      const node = (await deployedFlow()).find((each) => each.id === id);
      if (node === undefined) throw new Error(`No deployed node ${id}`);
      return node;
    },
  };
}

/** Without a version the editor takes no notice of the next deployment. */
const FORGET_VERSION = `RED.nodes.version(null);`;

/**
 * Replaces the flow by the deployed one and shows its first tab, in one turn: parts of the editor that update themselves after a
 * while fail where there is no tab.
 */
const LOAD_FLOW = `(async () => {
  const { flows, rev } = await $.ajax({ url: 'flows', cache: false, headers: { Accept: 'application/json' } });
  RED.nodes.clear();
  RED.history.clear();
  RED.nodes.version(rev);
  RED.nodes.import(flows);
  RED.nodes.dirty(false);
  RED.view.redraw(true);
  RED.workspaces.show(RED.nodes.getWorkspaceOrder()[0]);
})()`;

/** Closes the dialogs from the top one down, each after its time to slide out, and hides notifications, which end by themselves. */
const TIDY = `(async () => {
  while (document.querySelector('.red-ui-tray') !== null) await new Promise((closed) => RED.tray.close(closed));
  $('.red-ui-notification').hide();
})()`;

/** Removes what a test has left on the page: open dialogs, notifications, routes and listeners. */
async function tidy(page: Page): Promise<void> {
  await page.unrouteAll();
  page.removeAllListeners('request');
  await page.evaluate(TIDY);
}
