/** Zones that feeds name and `Date.parse` does not know. */
const zones: Readonly<Record<string, string>> = {
  JST: '+0900',
  CET: '+0100',
  CEST: '+0200',
  BST: '+0100',
  UT: '+0000',
};

/**
 * Reads the dates that feeds and pages carry: ISO 8601, RFC 822 with numbered or common named zones.
 *
 * A date without a zone counts as UTC, so that the result does not depend on where the program runs.
 *
 * @returns ISO 8601 in UTC, or `null` for what is no date of the years 1900 to 2199.
 */
export function parseDate(text: string | null | undefined): string | null {
  if (!text) return null;
  let given = text.trim().replace(/\b([A-Z]{2,4})$/, (zone) => zones[zone] ?? zone);
  if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(given)) given = `${given.replace(' ', 'T')}Z`;
  else if (/\d{2}:\d{2}(:\d{2})?$/.test(given) && !/[+-]\d{2}:?\d{2}$/.test(given)) given += ' GMT';
  const time = Date.parse(given);
  if (Number.isNaN(time)) return null;
  const year = new Date(time).getUTCFullYear();
  return year < 1900 || year > 2199 ? null : new Date(time).toISOString();
}
