/**
 * Letters that Unicode does not decompose, each followed by its Latin transcription in lower case, without combining
 * marks. The transcriptions are those of Unidecode, which Home Assistant uses for entity ids; `-` becomes a separator.
 * Korean is listed as the jamo of its decomposed syllables.
 */
const TABLE = [
  // Latin, and symbols that are read as words
  '¢c £ps ¥y ©-c- ®-r- °deg ×x æae ðd øo þth ßss đd ħh ıi ĸk łl ŋng œoe ŧt ƀb ƈc ƌd ǝ- ə- ƒf ƙk ƚl ƞn ơo ƥp ƭt ưu ƴy ƶz ʒzh ǥg ȥz ȷj ɖd ɛe ɓb ɗd ɣg ɔo ʻ- ʼ €eur',
  // Greek
  'αa βb γg δd εe ζz ηe θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υu φph χkh ψps ωo',
  // Cyrillic
  'аa бb вv гg дd еe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юiu яia',
  'ђdj єie ѕdz іi јj љlj њnj ћtsh џdzh ґg ғg ҕg җzh ҙz қk ҝk ҟk ҡk ңn ҥng ҧp ҫs ҭt үu ұu ҳkh ҵtts ҷch ҹch һh ҽch ҿch ӕae ә- ӡdz өo ѣe ѳf ѵy',
  // Armenian, Georgian
  'աa բb գg դd եe զz էe ըe թt- ժzh իi լl խkh ծts կk հh ձdz ղgh ճch մm յy նn շsh ոo չch- պp ջj ռrh սs վv տt րr ցts- ւw փp- քk- օo ֆf',
  'აa ბb გg დd ეe ვv ზz თt- იi კk ლl მm ნn ოo პp ჟzh რr სs ტt უu ფp- ქk- ღg ყq შsh ჩch- ცc- ძz წc ჭch ხx ჯj ჰh',
  // Hebrew, Arabic, Persian
  'א בb גg דd הh וv זz חkh טt יy ךk כk לl םm מm ןn נn סs ע- ףp פp ץts צts קq רr שsh תt',
  'ء ا بb ة تt ثth جj حh خkh دd ذdh رr زz سs شsh صs ضd طt ظz ع- غg ـ فf قq كk لl مm نn هh وw ى يy ٹtt پp چch ڈdd ڑrr ژj کkh گg ںn ھh ہh یy ےy',
  '٠0 ١1 ٢2 ٣3 ٤4 ٥5 ٦6 ٧7 ٨8 ٩9 ۰0 ۱1 ۲2 ۳3 ۴4 ۵5 ۶6 ۷7 ۸8 ۹9',
  // Korean
  'ᄀg ᄁgg ᄂn ᄃd ᄄdd ᄅr ᄆm ᄇb ᄈbb ᄉs ᄊss ᄋ ᄌj ᄍjj ᄎc ᄏk ᄐt ᄑp ᄒh ᅡa ᅢae ᅣya ᅤyae ᅥeo ᅦe ᅧyeo ᅨye ᅩo ᅪwa ᅫwae ᅬoe ᅭyo ᅮu ᅯweo ᅰwe ᅱwi ᅲyu ᅳeu ᅴyi ᅵi',
  'ᆨg ᆩgg ᆪgs ᆫn ᆬnj ᆭnh ᆮd ᆯl ᆰlg ᆱlm ᆲlb ᆳls ᆴlt ᆵlp ᆶlh ᆷm ᆸb ᆹbs ᆺs ᆻss ᆼng ᆽj ᆾc ᆿk ᇀt ᇁp ᇂh',
  // Japanese syllables
  'ぁa あa ぃi いi ぅu うu ぇe えe ぉo おo かka きki くku けke こko さsa しsi すsu せse そso たta ちti っtu つtu てte とto なna にni ぬnu ねne のno はha ひhi ふhu へhe ほho まma みmi むmu めme もmo ゃya やya ゅyu ゆyu ょyo よyo らra りri るru れre ろro わwa をwo んn',
  'ァa アa ィi イi ゥu ウu ェe エe ォo オo カka キki クku ケke コko サsa シsi スsu セse ソso タta チti ッtu ツtu テte トto ナna ニni ヌnu ネne ノno ハha ヒhi フhu ヘhe ホho マma ミmi ムmu メme モmo ャya ヤya ュyu ユyu ョyo ヨyo ラra リri ルru レre ロro ワwa ヲwo ンn ー',
].join(' ');

const LATIN = new Map(
  TABLE.split(' ').map((entry): [letter: string, latin: string] => {
    const [letter = '', ...latin] = entry;
    return [letter, latin.join('')];
  }),
);

const PLAIN = /^[\0-\x7f]*$/;
const COMBINING = /\p{M}/gu;
const LETTER = /[\p{L}\p{N}]/u;

/**
 * A text in lower-case ASCII. Other characters become a separator (`-`), those beyond the Basic Multilingual Plane
 * (emoji) are removed.
 * @returns null for letters of a script that is not in the table, Chinese for example
 */
function transliterated(text: string): string | null {
  if (PLAIN.test(text)) return text.toLowerCase();
  let latin = '';
  for (const letter of text.normalize('NFKD').replace(COMBINING, '').toLowerCase()) {
    const known = letter <= '\x7f' ? letter : LATIN.get(letter);
    if (known === undefined && LETTER.test(letter)) return null;
    latin += known ?? (letter.length > 1 ? '' : '-');
  }
  return latin;
}

/** The longest state in Home Assistant. */
export const STATE_LENGTH = 255;
/** The longest text in an event or in attributes. */
export const TEXT_LENGTH = 1000;
const SLUG_LENGTH = 64;
/**
 * Longest transliterated device name. Releases of Home Assistant before 2025.10 build entity ids from the names of
 * device and entity, cut them at 255 characters and reject an id that then ends with `_`.
 */
const MAX_NAME_SLUG_LENGTH = 180;
/** Of one letter that cannot be transliterated here, with its separator: Unidecode writes `Zhuang ` for one. */
const MAX_LETTER_LENGTH = 8;

/**
 * Characters that MQTT brokers, JSON parsers or screens may not accept: control characters become spaces, the others
 * are removed.
 */
const CONTROL = /\p{Cc}+/gu;
const UNFIT = /[\p{Cs}\p{Noncharacter_Code_Point}]/gu;
/** Without any of these, which is faster to see than each of them. */
const PRINTABLE = /^[ -~]*$/;

/** A text of the NAS as a single line of at most `most` characters; null when nothing is left. */
export function sanitizeText(text: string | null, most = STATE_LENGTH): string | null {
  const plain = fit(text ?? '').trim();
  return plain === '' ? null : shortened(plain, most);
}

function fit(text: string): string {
  return PRINTABLE.test(text) ? text : text.replace(CONTROL, ' ').replace(UNFIT, '');
}

/**
 * A name in the form Home Assistant uses in entity ids, cut at 64 characters: `Büro & Empfang` → `buro_empfang`,
 * `сервер 1` → `server_1`. Empty when nothing is left, or when the script cannot be transliterated.
 */
export function slugOf(name: string): string {
  return trimmed(joined(name).slice(0, SLUG_LENGTH));
}

/** What Unidecode writes as an apostrophe, or leaves out: older releases of Home Assistant join the letters around it. */
const JOINING = /[\u00ad\u2018\u2019\u201b\u2032-\u2034\u2057\uff07]/g;

/** The part of an entity id that Home Assistant before 2025.10 makes of a name; empty as {@link slugOf}. */
export function entityIdFromName(name: string): string {
  return joined(name.replace(JOINING, ''));
}

function joined(name: string): string {
  const latin = transliterated(name)?.replace(/(\d),(?=\d)/g, '$1') ?? '';
  return trimmed(latin.replace(/[^a-z0-9]+/g, '_'));
}

/** A device name, cut if its entity ids would be too long for older releases of Home Assistant. */
export function fitDeviceName(name: string): string {
  if ((transliterated(name)?.length ?? name.length * MAX_LETTER_LENGTH) <= MAX_NAME_SLUG_LENGTH) return name;
  const letters = Array.from(name);
  const lengths = letters.map((letter) => transliterated(letter)?.length ?? MAX_LETTER_LENGTH);
  let length = 0;
  const end = lengths.findIndex((each) => (length += each) > MAX_NAME_SLUG_LENGTH);
  return end === -1 ? name : `${letters.slice(0, end).join('').trimEnd()}…`;
}

/** Size of a text in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Cuts between two characters and appends `…`. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(UNFIT, '')}…`;
}

function trimmed(slug: string): string {
  return slug.replace(/^_+|_+$/g, '');
}
