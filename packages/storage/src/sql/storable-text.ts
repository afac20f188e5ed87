const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Returns `text` if PostgreSQL can store it.
 *
 * @param where - names the field in the message.
 * @throws RangeError for a NUL character or half a surrogate pair: UTF-8 columns refuse the one and lose the other.
 */
export function checkStorableText(where: string, text: string): string {
  const nul = text.indexOf('\u0000');
  if (nul >= 0) throw new RangeError(`The ${where} holds a NUL character at offset ${nul}, which cannot be stored.`);
  const found = half.exec(text);
  if (found) throw new RangeError(`The ${where} holds half a surrogate pair at offset ${found.index}.`);
  return text;
}

/** Whether {@link checkStorableText} lets `text` pass; what it refuses is the key of no row. */
export function isStorableText(text: string): boolean {
  return !text.includes('\u0000') && !half.test(text);
}

const earliest = Date.parse('0001-01-01T00:00:00.000Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Returns `date` if PostgreSQL reads it as `toISOString` writes it.
 *
 * @param where - names the field in the message.
 * @throws RangeError for an invalid date and for one outside the years 1 to 9999.
 */
export function checkStorableDate(where: string, date: Date): Date {
  const time = date.getTime();
  if (time >= earliest && time <= latest) return date;
  const given = Number.isNaN(time) ? 'an invalid date' : date.toISOString();
  throw new RangeError(`The ${where} must be a date in the years 1 to 9999. Got ${given}.`);
}

/**
 * Returns `value` as JSON text that a `jsonb` column stores.
 *
 * @throws RangeError as {@link checkStorableText}, for any string inside.
 */
export function storableJson(where: string, value: unknown): string {
  const json = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`The ${where} must be a JSON value. Got ${typeof value}.`);
  // JSON.stringify writes NUL and lone halves as escapes; both are rare enough to look closer only then.
  if (/\\u(0000|d[89a-f])/.test(json)) JSON.parse(json, (_, part) => checkPart(where, part));
  return json;
}

function checkPart(where: string, part: unknown): unknown {
  if (typeof part === 'string') checkStorableText(where, part);
  return part;
}
