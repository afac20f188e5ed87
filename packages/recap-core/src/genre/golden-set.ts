import type { GoldenExample } from './genre-types.js';

/** How hard an item is to label. */
export type GoldenDifficulty = 'easy' | 'medium' | 'hard';

/** One item of the golden set, in the fields of its files. */
export interface GoldenItem {
  readonly id: string;
  readonly content_en?: string;
  readonly content_ja?: string;
  readonly content?: string;
  readonly expected_genres: readonly string[];
  readonly primary_genre: string;
  readonly difficulty?: GoldenDifficulty;
  readonly secondary_genres?: readonly string[];
  readonly boundary_pair?: readonly string[];
  readonly style?: string;
  readonly parallel_id?: string;
  readonly notes?: string;
}

/**
 * Reads golden items: JSON lines, a JSON list, or an object with `items`.
 *
 * @param text - content of a file.
 * @param source - name of the file, for messages.
 * @throws RangeError that names the source and the item that is broken.
 * @example
 * parseGoldenSet('{"id":"a","content_en":"Rain.","expected_genres":["climate_environment"]}')[0].primary_genre // => 'climate_environment'
 */
export function parseGoldenSet(text: string, source = 'the golden set'): GoldenItem[] {
  const seen = new Set<string>();
  return parseRecords(text, source).map((record, i) => {
    const item = checkItem(record, `Item ${i + 1} of ${source}`);
    if (seen.has(item.id))
      throw new RangeError(`Item ${i + 1} of ${source} repeats the id ${JSON.stringify(item.id)}.`);
    seen.add(item.id);
    return item;
  });
}

function parseRecords(text: string, source: string): unknown[] {
  const trimmed = text.trim();
  try {
    const lines = trimmed.split('\n');
    const whole =
      lines.length > 1 && lines[0]!.trimEnd().endsWith('}')
        ? lines.filter((l) => l.trim() !== '').map((l) => JSON.parse(l) as unknown)
        : (JSON.parse(trimmed) as unknown);
    if (Array.isArray(whole)) return whole;
    const { items } = whole as { items?: unknown };
    return Array.isArray(items) ? items : [whole];
  } catch (cause) {
    throw new RangeError(`${source} is neither JSON nor JSON lines.`, { cause });
  }
}

function checkItem(record: unknown, name: string): GoldenItem {
  const item = record as Partial<GoldenItem> | null;
  if (typeof item !== 'object' || item === null) throw new RangeError(`${name} must be an object.`);
  if (typeof item.id !== 'string' || item.id === '') throw new RangeError(`${name} needs an id.`);
  const { expected_genres: genres } = item;
  if (!Array.isArray(genres) || genres.length === 0 || !genres.every((genre) => typeof genre === 'string')) {
    throw new RangeError(`${name} (${item.id}) needs expected_genres: a list of at least one name.`);
  }
  if (
    ![item.content_en, item.content_ja, item.content].some(
      (content) => typeof content === 'string' && content.trim() !== '',
    )
  ) {
    throw new RangeError(`${name} (${item.id}) needs a text in content_en, content_ja or content.`);
  }
  return { ...(item as GoldenItem), primary_genre: item.primary_genre ?? genres[0]! };
}

/**
 * The texts of golden items as examples, the primary genre first.
 *
 * @param language - keeps one language; both texts of an item are examples of their own otherwise.
 * @example
 * goldenExamples(parseGoldenSet('[{"id":"a","content_ja":"雨。","expected_genres":["climate_environment"]}]'))[0].language // => 'ja'
 */
export function goldenExamples(items: readonly GoldenItem[], language?: 'en' | 'ja'): GoldenExample[] {
  return items.flatMap((item) => {
    const genres = [item.primary_genre, ...item.expected_genres.filter((genre) => genre !== item.primary_genre)];
    const texts = [
      { language: 'en' as const, text: item.content_en },
      { language: 'ja' as const, text: item.content_ja },
      { language: 'und' as const, text: item.content_en || item.content_ja ? undefined : item.content },
    ];
    return texts.flatMap(({ language: own, text }) =>
      text === undefined || text.trim() === '' || (language !== undefined && own !== language)
        ? []
        : [{ text, genres, language: own }],
    );
  });
}
