const monthStems: readonly (readonly string[])[] = [
  ['jan', 'jän', 'ene', 'sty', 'gen', 'янв'],
  ['feb', 'fév', 'fev', 'lut', 'фев'],
  ['mar', 'mär', 'mrz', 'maa', 'мар'],
  ['apr', 'avr', 'abr', 'kwi', 'апр'],
  ['may', 'mai', 'maj', 'mei', 'mag', 'мая', 'май'],
  ['jun', 'juin', 'cze', 'giu', 'июн'],
  ['jul', 'juil', 'lip', 'lug', 'июл'],
  ['aug', 'aoû', 'aou', 'ago', 'sie', 'авг'],
  ['sep', 'wrz', 'set', 'сен'],
  ['oct', 'okt', 'ott', 'paź', 'paz', 'out', 'окт'],
  ['nov', 'lis', 'ноя'],
  ['dec', 'dez', 'déc', 'dic', 'gru', 'дек'],
];

/**
 * Reads a date as pages write it and gives it as ISO 8601: with its time where one with a zone is given, else the day.
 *
 * Understands ISO 8601, RFC 2822, `31.12.2020`, `31/12/2020`, `2020年12月31日`, and month names of the larger European
 * languages by their first letters. A date before 1990, and text without a full date, gives undefined.
 *
 * @example
 * isoDate('veröffentlicht am 4. März 2021') // => '2021-03-04'
 */
export function isoDate(text: string): string | undefined {
  const iso =
    /(?:^|\D)((?:19|20)\d{2})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2}))?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?(?!\d)/.exec(
      text,
    );
  if (iso !== null) return withTime(iso) ?? day(iso[1]!, iso[2]!, iso[3]!);
  const asian = /((?:19|20)\d{2})\s*[年년./-]\s*(\d{1,2})\s*[月월./-]\s*(\d{1,2})/.exec(text);
  if (asian !== null) return day(asian[1]!, asian[2]!, asian[3]!);
  const dotted = /(?:^|\D)(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*((?:19|20)?\d{2})(?!\d)/.exec(text);
  if (dotted !== null) return dayFirst(dotted[1]!, dotted[2]!, fullYear(dotted[3]!));
  const named = /(\d{1,2})(?:st|nd|rd|th|\.|º|er)?\s+(?:de\s+)?(\p{L}{3,})\.?,?\s+(?:de\s+)?((?:19|20)\d{2})/u.exec(
    text,
  );
  if (named !== null) return withMonthName(named[3]!, named[2]!, named[1]!);
  const american = /(?<!\p{L})(\p{L}{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d{2})/u.exec(text);
  if (american !== null) return withMonthName(american[3]!, american[1]!, american[2]!);
  return undefined;
}

function fullYear(year: string): string {
  return year.length === 4 ? year : `20${year}`;
}

/** Day before month, unless only the other order makes a date. */
function dayFirst(first: string, second: string, year: string): string | undefined {
  return Number(second) > 12 ? day(year, first, second) : day(year, second, first);
}

function withMonthName(year: string, name: string, dayOfMonth: string): string | undefined {
  const lower = name.toLowerCase();
  const month = monthStems.findIndex((stems) => stems.some((stem) => lower.startsWith(stem)));
  return month < 0 ? undefined : day(year, String(month + 1), dayOfMonth);
}

function day(year: string, month: string, dayOfMonth: string): string | undefined {
  const y = Number(year);
  const m = Number(month);
  const d = Number(dayOfMonth);
  if (y < 1990 || m < 1 || m > 12 || d < 1) return undefined;
  if (d > new Date(Date.UTC(y, m, 0)).getUTCDate()) return undefined;
  return `${year}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
}

function withTime(iso: RegExpExecArray): string | undefined {
  const [, year, month, dayOfMonth, hour, minute, second, zone] = iso;
  const date = day(year!, month!, dayOfMonth!);
  if (date === undefined || hour === undefined || zone === undefined) return date;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const stamp = `${date}T${hour}:${minute}:${second ?? '00'}${offset}`;
  return Number.isNaN(Date.parse(stamp)) ? date : stamp;
}
