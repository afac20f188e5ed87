import { checkInteger, checkOneOf } from '@matome/primitives/options';
import { htmlToText, type LanguageCode, normalizeText } from '@matome/primitives/text';
import { isSuspicious } from './suspicious-content.js';
import { truncateAtSentence } from './truncate.js';

/** An article as it comes in: plain text or HTML. */
export interface TagDocument {
  readonly title: string;
  readonly body: string;
  readonly url?: string;
}

/** Options of `sanitizeInput`. */
export interface SanitizeOptions {
  /** Longest title in UTF-16 units. @default 1000 */
  readonly maxTitleLength?: number;
  /** Longest body in UTF-16 units. @default 100_000 */
  readonly maxBodyLength?: number;
  /** Whether over-long text is cut at a sentence end or refused. @default 'truncate' */
  readonly overlong?: 'truncate' | 'reject';
  /** Whether control characters are removed or make the input invalid. @default 'remove' */
  readonly controlCharacters?: 'remove' | 'reject';
  /** Language whose sentence ends truncation respects. @default 'und', which knows both */
  readonly language?: LanguageCode;
}

/** Clean text, or the reason why there is none. */
export type SanitizedInput =
  | {
      readonly status: 'valid';
      readonly title: string;
      readonly body: string;
      readonly originalLength: number;
      /** Length of title and body together. */
      readonly sanitizedLength: number;
      /** What was changed beyond spaces and normal form. */
      readonly warnings: readonly string[];
    }
  | { readonly status: 'invalid'; readonly violations: readonly string[]; readonly originalLength: number };

const maxUrlLength = 2048;
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const urlPattern = /^https?:\/\/[^\s/?#]+\S*$/i;

/**
 * Checks an article against the limits, turns HTML into text and brings the text into one normal form.
 *
 * Markup is taken out of both fields, entities are decoded, line ends between blocks are kept, other white space becomes
 * one space. Content that only repeats itself, shouts or consists of signs is refused; Japanese, Chinese and Korean text
 * is judged by characters, all other by words.
 *
 * @throws RangeError if an option is out of range.
 * @remarks O(length).
 * @example
 * const input = sanitizeInput({ title: 'Rates &amp; prices', body: '<p>One</p><p>Two</p><p>Three</p>' });
 * input.status === 'valid' && [input.title, input.body] // => ['Rates & prices', 'One\nTwo\nThree']
 */
export function sanitizeInput(document: TagDocument, options: SanitizeOptions = {}): SanitizedInput {
  const { maxTitleLength = 1000, maxBodyLength = 100_000, overlong = 'truncate' } = options;
  const { controlCharacters = 'remove', language = 'und' } = options;
  checkSanitizeOptions('sanitizeInput', options);
  // Rows of a database may lack a field, whatever their type says.
  if (typeof document.title !== 'string' || typeof document.body !== 'string') {
    return { status: 'invalid', violations: ['Title and content must be text'], originalLength: 0 };
  }
  const originalLength = document.title.length + document.body.length;
  const violation = firstViolation(document, { maxTitleLength, maxBodyLength, overlong, controlCharacters });
  if (violation !== undefined) return { status: 'invalid', violations: [violation], originalLength };

  const warnings: string[] = [];
  if (control.test(document.title) || control.test(document.body)) warnings.push('Control characters removed');
  const isHtml = looksLikeHtml(document.body);
  let rawBody = document.body;
  if (!isHtml && rawBody.length > maxBodyLength) {
    rawBody = truncateAtSentence(rawBody, maxBodyLength, language);
    warnings.push('Content truncated');
  }
  const title = collapseSpaces(plainText(document.title)).replace(/\n+/g, ' ').slice(0, maxTitleLength).trim();
  let body = collapseSpaces(isHtml ? mainText(rawBody) : plainText(rawBody));
  if (body.length > maxBodyLength) {
    body = truncateAtSentence(body, maxBodyLength, language);
    warnings.push('Content truncated');
  }
  if (body === '' || isSuspicious(`${title} ${body}`)) {
    const reason = body === '' ? 'Content too short' : 'Suspicious patterns detected';
    return { status: 'invalid', violations: [reason], originalLength };
  }
  return { status: 'valid', title, body, originalLength, sanitizedLength: title.length + body.length, warnings };
}

/** @throws RangeError if an option is out of range. */
export function checkSanitizeOptions(caller: string, options: SanitizeOptions): void {
  const { maxTitleLength = 1, maxBodyLength = 1, overlong = 'truncate', controlCharacters = 'remove' } = options;
  checkInteger(caller, 'maxTitleLength', maxTitleLength, { min: 1 });
  checkInteger(caller, 'maxBodyLength', maxBodyLength, { min: 1 });
  checkOneOf(caller, 'overlong', overlong, ['truncate', 'reject']);
  checkOneOf(caller, 'controlCharacters', controlCharacters, ['remove', 'reject']);
}

type Limits = Required<Pick<SanitizeOptions, 'maxTitleLength' | 'maxBodyLength' | 'overlong' | 'controlCharacters'>>;

function firstViolation(document: TagDocument, limits: Limits): string | undefined {
  const { title, body, url } = document;
  const strict = limits.overlong === 'reject';
  if (strict && title.length > limits.maxTitleLength) return 'Title too long';
  if (body.trim() === '') return 'Content too short';
  if (strict && body.length > limits.maxBodyLength) return 'Content too long';
  if (limits.controlCharacters === 'reject' && (control.test(title) || control.test(body))) {
    return 'Contains control characters';
  }
  if (typeof url === 'string' && url.length > maxUrlLength) return 'URL too long';
  if (typeof url === 'string' && url !== '' && !urlPattern.test(url)) return 'Invalid URL format';
  return undefined;
}

const tag = /<[a-zA-Z/!][^<>]*>/g;
const outsideMainText = ['pre', 'code', 'nav', 'header', 'footer', 'aside', 'form', 'button', 'figcaption'];

/** Three tags make HTML; fewer are a text that speaks of one. */
function looksLikeHtml(text: string): boolean {
  tag.lastIndex = 0;
  for (let found = 0; found < 3; found++) if (!tag.test(text)) return false;
  return true;
}

function mainText(html: string): string {
  const main = htmlToText(html, { skipElements: outsideMainText });
  // A page that is nothing but what is skipped keeps its text, as a short fragment may be all there is.
  return main.length > 20 ? main : htmlToText(html);
}

const leftoverMarkup =
  /<\/?(?:a|abbr|b|blockquote|br|cite|code|del|div|em|font|h[1-6]|hr|i|iframe|img|ins|li|mark|object|ol|p|pre|q|s|script|small|span|strike|strong|style|sub|sup|svg|table|t[dhr]|tt|u|ul|video)(?=[\s>/])|<!--/i;
const entity = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/i;

/** Text of a field that is not a page: stray tags and entities are taken out once. */
function plainText(text: string): string {
  return leftoverMarkup.test(text) || entity.test(text) ? htmlToText(text.replace(/\n/g, '<br>')) : text;
}

const moreThanSpace = /[^\S\n ]| [^\S\n]/;

function collapseSpaces(text: string): string {
  const clean = normalizeText(text);
  const even = moreThanSpace.test(clean) ? clean.replace(/[^\S\n]+/g, ' ') : clean;
  return even.replace(/ ?\n[ \n]*/g, '\n').trim();
}
