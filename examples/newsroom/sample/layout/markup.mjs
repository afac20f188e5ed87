/** Escapes text for HTML or XML content and double-quoted attributes. */
export function escapeMarkup(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** As `escapeMarkup`, with typographic quotes, dashes and apostrophes as numeric references, as older systems write them. */
export function escapeNumeric(text) {
  return escapeMarkup(text).replace(/[\u2010-\u2027']/g, (character) => `&#${character.codePointAt(0)};`);
}

/** Wraps a string in CDATA, splitting any `]]>` inside it. */
export function cdata(text) {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

/** The paragraphs of an article as `<p>` elements, one a line. */
export function paragraphs(body, escapeText = escapeMarkup) {
  return body.map((text) => `<p>${escapeText(text)}</p>`).join('\n');
}

/** The beginning of the article, cut at `length` characters with an ellipsis, as feeds and cards show it. */
export function teaser(article, length) {
  const characters = [...article.body[0]];
  return characters.length <= length ? article.body[0] : `${characters.slice(0, length).join('')}…`;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The local clock of an article: Japanese outlets print Japan Standard Time, the others UTC. */
function localClock(article) {
  const offsetHours = article.language === 'ja' ? 9 : 0;
  return new Date(Date.parse(article.published) + offsetHours * 3_600_000);
}

/** The time of an article in ISO 8601 with the outlet's own offset. */
export function localIso(article) {
  const clock = localClock(article).toISOString().slice(0, 19);
  return article.language === 'ja' ? `${clock}+09:00` : `${clock}+00:00`;
}

/** The time of an article as RFC 822 writes it, with the outlet's own offset. */
export function rfc822(article) {
  const clock = localClock(article);
  const two = (value) => String(value).padStart(2, '0');
  const day = `${weekdays[clock.getUTCDay()]}, ${two(clock.getUTCDate())} ${months[clock.getUTCMonth()]}`;
  const time = `${clock.toISOString().slice(11, 19)} ${article.language === 'ja' ? '+0900' : 'GMT'}`;
  return `${day} ${clock.getUTCFullYear()} ${time}`;
}

/** The time of an article as a reader sees it above the text. */
export function printedTime(article) {
  const clock = localClock(article);
  const time = clock.toISOString().slice(11, 16);
  if (article.language === 'ja') {
    return `${clock.getUTCFullYear()}年${clock.getUTCMonth() + 1}月${clock.getUTCDate()}日 ${time}`;
  }
  return `${clock.getUTCDate()} ${months[clock.getUTCMonth()]} ${clock.getUTCFullYear()}, ${time} UTC`;
}
