import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';

/** Smallest contrast of text and its background, of WCAG 2 level AA. */
const MIN_CONTRAST = 4.5;

/** Loads axe-core into the page; once for each load of the page. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source);
}

/** The rules of axe-core that depend on the theme. */
export const THEME_RULES = ['color-contrast'];

/** What axe-core finds wrong in a part of the page, one line for each element. @param rules none: all */
export function violationsOf(part: Locator, rules: readonly string[] = []): Promise<string[]> {
  return part.evaluate(
    async (element, runOnly) => {
      const { axe: library } = window as unknown as { axe: typeof axe };
      const { violations } = await library.run(element, {
        resultTypes: ['violations'],
        ...(runOnly.length > 0 && { runOnly }),
      });
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target }) => `${id}: ${target.join(' ')}: ${help}`),
      );
    },
    [...rules],
  );
}

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** A text on the page, with the colours that its contrast depends on. */
interface TextSample {
  readonly text: string;
  readonly colour: Colour;
  /** Of the element and its ancestors, from the front to the back. */
  readonly backgrounds: readonly Colour[];
  /** 0–1. */
  readonly opacity: number;
}

/** Texts, values and placeholders of a part of the page whose contrast is below 4.5:1; disabled controls do not count. */
export async function lowContrastIn(part: Locator): Promise<string[]> {
  const samples = await part.evaluate(sampleTexts);
  return samples
    .map((sample) => ({ ...sample, contrast: contrastOf(sample) }))
    .filter(({ contrast }) => contrast < MIN_CONTRAST)
    .map(({ text, contrast }) => `${contrast.toFixed(2)}: ${text}`);
}

/** Runs in the page, so it uses nothing from outside. */
function sampleTexts(root: Element): TextSample[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const known = new Map<string, Colour>();
  const parse = (colour: string): Colour => {
    const parsed = known.get(colour) ?? read(colour);
    known.set(colour, parsed);
    return parsed;
  };
  const read = (colour: string): Colour => {
    canvas?.clearRect(0, 0, 1, 1);
    Object.assign(canvas ?? {}, { fillStyle: colour });
    canvas?.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = canvas?.getImageData(0, 0, 1, 1).data ?? [];
    return [red, green, blue, alpha / 255];
  };
  const lineage = (element: Element | null): Element[] =>
    element === null ? [] : [element, ...lineage(element.parentElement)];
  const sample = (element: Element, text: string, pseudo?: string): TextSample => ({
    text: text.trim().slice(0, 60),
    colour: parse(getComputedStyle(element, pseudo).color),
    backgrounds: lineage(element).map((each) => parse(getComputedStyle(each).backgroundColor)),
    opacity: lineage(element).reduce((product, each) => product * Number(getComputedStyle(each).opacity), 1),
  });
  const isShown = (element: Element): boolean => element.checkVisibility() && element.closest(':disabled') === null;
  const ownText = (element: Element): string =>
    Array.from(element.childNodes, (node) => (node instanceof Text ? node.data.trim() : '')).join(' ');
  return [root, ...Array.from(root.querySelectorAll('*'))].filter(isShown).flatMap((element) => {
    if (element instanceof HTMLOptionElement) return [];
    const text = ownText(element).trim();
    const placeholder = element.getAttribute('placeholder') ?? '';
    return [
      ...(text === '' ? [] : [sample(element, text)]),
      ...(element.matches('input:not([type=checkbox]), select, textarea')
        ? [sample(element, `the value of #${element.id}`)]
        : []),
      ...(placeholder === '' ? [] : [sample(element, placeholder, '::placeholder')]),
    ];
  });
}

/** The contrast of WCAG 2 between a text and its background, 1–21. */
function contrastOf({ colour: [red, green, blue, alpha], backgrounds, opacity }: TextSample): number {
  const white: Colour = [255, 255, 255, 1];
  const background = backgrounds.reduceRight<Colour>((behind, front) => blend(front, behind), white);
  const text = blend([red, green, blue, alpha * opacity], background);
  const [light = 0, dark = 0] = [luminance(text), luminance(background)].sort((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

function blend([red, green, blue, alpha]: Colour, behind: Colour): Colour {
  const mix = (front: number, back: number): number => front * alpha + back * (1 - alpha);
  return [mix(red, behind[0]), mix(green, behind[1]), mix(blue, behind[2]), 1];
}

/** Relative luminance of sRGB, as WCAG 2 defines it. */
function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.slice(0, 3).map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** What of a dialog is cut off at the edges of its tray or in a select, and what has to be scrolled sideways. */
export function cutOffIn(dialog: Locator): Promise<string[]> {
  return dialog.evaluate((element) => {
    const tray = element.closest('.red-ui-tray');
    if (tray === null) return ['It is in no tray'];
    const { left, right } = tray.getBoundingClientRect();
    const isInside = (box: DOMRect): boolean => box.width === 0 || (box.left >= left - 1 && box.right <= right + 1);
    const name = (of: Element): string => `${of.tagName} #${of.id} .${of.getAttribute('class') ?? ''}`;
    const parts = Array.from(element.querySelectorAll('*')).filter((part) => part.checkVisibility());
    const outside = parts
      .filter((part) => !isInside(part.getBoundingClientRect()))
      .map((part) => `outside: ${name(part)}`);
    const clipped = parts
      .filter((part) => !(part instanceof HTMLInputElement) && getComputedStyle(part).overflowX !== 'visible')
      .filter((part) => part.scrollWidth > part.clientWidth + 1)
      .map((part) => `clipped: ${name(part)}`);
    const canvas = document.createElement('canvas').getContext('2d');
    const widthOf = (text: string, font: string): number => {
      Object.assign(canvas ?? {}, { font });
      return canvas?.measureText(text).width ?? 0;
    };
    const arrow = 16;
    // Names of config nodes are the user's; a select has room for its arrow besides its text.
    const cutLabels = parts
      .filter((part) => part instanceof HTMLSelectElement && !/(?:nas|broker|tls|copy-from)$/.test(part.id))
      .flatMap((select) => {
        const { font, paddingLeft, paddingRight } = getComputedStyle(select);
        const room = select.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - arrow;
        const labels = Array.from(select.querySelectorAll('option'), ({ label }) => label);
        return labels
          .filter((label) => widthOf(label, font) > room)
          .map((label) => `cut off: ${name(select)}: ${label}`);
      });
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const overflowing: string[] = [];
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      range.selectNodeContents(node);
      const isVisible = node.parentElement?.checkVisibility() === true;
      if (isVisible && !Array.from(range.getClientRects()).every(isInside))
        overflowing.push(`outside: ${node.textContent ?? ''}`);
    }
    return [...outside, ...clipped, ...cutLabels, ...overflowing];
  });
}
