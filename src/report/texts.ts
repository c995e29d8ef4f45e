import type { ReportTexts } from './text-types';
import { DE } from './texts-de';
import { EN } from './texts-en';
import type { ReportLanguage } from '../settings/report-settings';

const TEXTS: Readonly<Record<ReportLanguage, ReportTexts>> = { en: EN, de: DE };

/** The texts of a report in a language. */
export function reportTexts(language: ReportLanguage): ReportTexts {
  return TEXTS[language];
}
