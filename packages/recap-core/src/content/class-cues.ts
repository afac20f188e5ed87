import { attribute, type PageElement } from './page-tree.js';

/**
 * Groups of words that page authors use in class names, ids and roles, one bit each. The order is part of the trained
 * model: a new group goes to the end, and the model is trained again.
 */
export const cueNames = [
  'body',
  'comment',
  'share',
  'related',
  'navigation',
  'sidebar',
  'footer',
  'advert',
  'byline',
  'form',
  'teaser',
  'header',
  'caption',
  'author',
  'tags',
  'widget',
] as const;

const cuePatterns: readonly RegExp[] = [
  /article|artikel|story|(?:^|[-_ ])post(?:$|[-_ ])|postcontent|posttext|postbody|entry|content|inhalt|beitrag|(?:^|[-_ ])(?:body|text|copy|main|prose)(?:$|[-_ ])|articlebody|fliesstext|fliess|richtext|paragraph|absatz|nota|noticia|texto|cuerpo|corps|contenu|tresc|tekst/,
  /comment|kommentar|komment|disqus|respond|discuss|replies|reply|komentar|comentario|commentaire/,
  /share|sharing|social|follow|facebook|twitter|whatsapp|pinterest|teilen|addtoany|shariff|sociable|jp-relatedposts|likes?(?:$|[-_ ])/,
  /related|recommend|similar|read-?more|readmore|more-|-more|weiterlesen|mehr-|also|verwandt|ähnlich|next-?post|prev-?post|popular|trending|most-?read|meistgelesen|latest|recent|outbrain|taboola|plista/,
  /(?:^|[-_ ])nav|navi|menu|breadcrumb|brotkrum|crumbs|pagination|pager|paging|toolbar|tabs|skip-?link|(?:^|[-_ ])toc(?:$|[-_ ])|inhaltsverzeichnis|lang-?switch/,
  /sidebar|side-?bar|(?:^|[-_ ])side|aside|marginal|rail(?:$|[-_ ])|right-?col|left-?col|secondary|complementary/,
  /foot|bottom|copyright|legal|imprint|impressum|colophon|contentinfo/,
  /(?:^|[-_ ])ads?(?:$|[-_ ])|advert|banner|sponsor|werbung|anzeige|promo|affiliate|adsense|dfp|google-auto|billboard/,
  /byline|meta|date|time|datum|published|publish|info(?:$|[-_ ])|posted-on|dateline|timestamp/,
  /form|newsletter|subscri|login|log-in|signup|sign-up|register|search|such|cookie|consent|gdpr|paywall|modal|popup|overlay|lightbox|notice|alert|abo(?:$|[-_ ])|dialog/,
  /teaser|card|preview|thumb|tile|grid-item|list-item|excerpt|carousel|slider|slide|gallery|galerie|swiper|feed|archive|headline-list/,
  /header|masthead|branding|banner|topbar|top-bar|hero|logo|site-title/,
  /caption|credit|bildunterschrift|image|img|figure|photo|foto|media|picture|video|wp-caption|copyright/,
  /author|autor|profile|(?:^|[-_ ])bio(?:$|[-_ ])|vcard|about|avatar|gravatar|contributor|redaktion/,
  /(?:^|[-_ ])tags?(?:$|[-_ ])|taglist|tagcloud|categor|kategorie|keyword|topics|thema|schlagwort|labels?(?:$|[-_ ])|rubrik/,
  /widget|plugin|module|modul|block-|infobox|box(?:$|[-_ ])|toolbox|sticky|rating|votes?(?:$|[-_ ])|bewertung|counter|print|embed/,
];

/**
 * Bits of the cue groups that an element's own class, id, role and itemprop speak of; bit `i` is `cueNames[i]`.
 *
 * @param known - bits of the words seen so far; a page repeats few words many times.
 */
export function classCues(element: PageElement, known: Map<string, number>): number {
  const { attributes } = element;
  if (attributes.length === 0) return 0;
  let words = '';
  for (let i = 0; i < attributes.length; i += 2) {
    const name = attributes[i]!;
    if (name === 'class' || name === 'id' || name === 'role' || name === 'itemprop') words += ` ${attributes[i + 1]}`;
  }
  if (words === '') return 0;
  let bits = known.get(words);
  if (bits !== undefined) return bits;
  const lower = `${words.slice(0, 400).toLowerCase()} `;
  bits = 0;
  for (let i = 0; i < cuePatterns.length; i++) if (cuePatterns[i]!.test(lower)) bits |= 1 << i;
  known.set(words, bits);
  return bits;
}

/** True where the page itself hides an element: `hidden`, `aria-hidden`, `display: none`. */
export function isHidden(element: PageElement): boolean {
  if (element.attributes.length === 0) return false;
  if (attribute(element, 'hidden') !== undefined || attribute(element, 'aria-hidden') === 'true') return true;
  const style = attribute(element, 'style');
  return style !== undefined && /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style);
}
