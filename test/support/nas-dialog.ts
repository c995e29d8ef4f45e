import type { Locator, Page } from 'playwright-core';
import type { Nas } from '../nas/index';
import { closeConfigDialog, openConfigDialog, openNodeDialog } from './editor-page';

/** The dialog of a NAS node. */
export interface NasDialog {
  /** The input of a property or a credential. */
  field(name: string): Locator;
  readonly https: Locator;
  readonly test: Locator;
  /** Result panel of the connection test, with its buttons. */
  readonly result: Locator;
  readonly code: Locator;
  readonly readCertificate: Locator;
  readonly certificate: Locator;
  /** Enters the address of a simulated NAS and its default account. */
  fillIn(nas: Pick<Nas, 'host' | 'port' | 'certificate'>, password?: string): Promise<void>;
  /** Closes it by its right-hand button, "Add" or "Update". */
  ok(): Promise<void>;
  cancel(): Promise<void>;
}

/** Opens the dialog of the NAS node that a flow node uses, or of a new one. */
export async function openNasDialog(page: Page, nodeId: string, which: 'add' | 'edit'): Promise<NasDialog> {
  const choice = page.locator(`#node-input-btn-nas-${which}`);
  if (!(await choice.isVisible())) await openNodeDialog(page, nodeId);
  await openConfigDialog(page, 'nas', which);
  const dialog = dialogOf(page);
  await dialog.field('host').waitFor();
  return dialog;
}

/** Closes the dialog of the flow node behind that of the NAS. */
export async function closeNodeDialog(page: Page): Promise<void> {
  await page.locator('#node-dialog-ok').click();
  await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
}

/** Presses the deploy button and waits until Node-RED has accepted the flow. */
export async function deployByHand(page: Page): Promise<void> {
  const accepted = page.waitForResponse((response) => response.url().endsWith('/flows') && response.ok());
  await page.locator('#red-ui-header-button-deploy').click();
  await accepted;
}

function dialogOf(page: Page): NasDialog {
  const field = (name: string): Locator => page.locator(`#node-config-input-${name}`);
  const https = page.locator('#active-backup-nas-https');
  return {
    field,
    https,
    test: page.locator('#active-backup-nas-test'),
    result: page.locator('#active-backup-nas-test-panel'),
    code: page.locator('#active-backup-nas-code'),
    readCertificate: page.locator('#active-backup-nas-read-certificate'),
    certificate: page.locator('#active-backup-nas-certificate-panel'),
    async fillIn(nas, password = 'synology') {
      await field('host').fill(nas.host);
      await https.setChecked(nas.certificate !== null);
      await field('port').fill(String(nas.port));
      await field('username').fill('admin');
      await field('password').fill(password);
    },
    ok: () => closeConfigDialog(page, 'ok'),
    cancel: () => closeConfigDialog(page, 'cancel'),
  };
}
