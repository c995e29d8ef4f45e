/** The parts of package.json that addresses are made of. */
interface Repository {
  readonly repository: { readonly url: string };
}

const webAddress = ({ repository }: Repository): string => repository.url.replace(/^git\+|\.git$/g, '');
const pageBase = (manifest: Repository): string => `${webAddress(manifest)}/blob/HEAD/`;
const imageBase = (manifest: Repository): string =>
  `${webAddress(manifest).replace('//github.com/', '//raw.githubusercontent.com/')}/HEAD/`;

/** The README for npm and the Flow Library, which do not show the files of the repository: links and images get absolute addresses. */
export function absoluteReadme(text: string, manifest: Repository): string {
  return text
    .replace(/(!\[[^\]]*\]\()(?!https?:|#)/g, `$1${imageBase(manifest)}`)
    .replace(/(\]\()(?!https?:|#)/g, `$1${pageBase(manifest)}`);
}

/** The README of the repository again: the inverse of {@link absoluteReadme}. */
export function relativeReadme(text: string, manifest: Repository): string {
  return text.replaceAll(imageBase(manifest), '').replaceAll(pageBase(manifest), '');
}
