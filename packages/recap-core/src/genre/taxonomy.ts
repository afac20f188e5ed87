/** One genre of a taxonomy. */
export interface TaxonomyGenre {
  /** Name in records and interfaces: lower case, words joined by `_`. */
  readonly id: string;
  /** Names to show. */
  readonly name: { readonly en: string; readonly ja: string };
  /** Probability from which the genre counts as found, in [0, 1]. */
  readonly threshold: number;
  /** Words that point to the genre when no model is at hand, lower case. */
  readonly keywords: { readonly en: readonly string[]; readonly ja: readonly string[] };
}

/** A fixed list of genres. */
export interface Taxonomy {
  readonly version: string;
  readonly genres: readonly TaxonomyGenre[];
}

/**
 * Reads a taxonomy and checks it: ids well formed and unique, both names, thresholds in [0, 1], keywords in one genre only.
 *
 * @throws RangeError with one sentence about the first fault.
 * @example
 * parseTaxonomy('{"version":"v1","genres":[{"id":"sports","name":{"en":"Sports","ja":"スポーツ"},"threshold":0.2,"keywords":{"en":["goal"],"ja":[]}}]}').genres[0].id // => 'sports'
 */
export function parseTaxonomy(text: string): Taxonomy {
  let value: Partial<Taxonomy> | null;
  try {
    value = JSON.parse(text) as Partial<Taxonomy> | null;
  } catch (cause) {
    throw new RangeError('The taxonomy is not JSON.', { cause });
  }
  if (typeof value?.version !== 'string' || value.version === '') throw new RangeError('The taxonomy needs a version.');
  if (!Array.isArray(value.genres) || value.genres.length === 0) {
    throw new RangeError('The taxonomy needs a list of at least one genre.');
  }
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  for (const genre of value.genres as TaxonomyGenre[]) {
    checkGenre(genre);
    if (ids.has(genre.id)) throw new RangeError(`The taxonomy lists the genre ${genre.id} twice.`);
    ids.add(genre.id);
    for (const language of ['en', 'ja'] as const) {
      for (const keyword of genre.keywords[language]) {
        const owner = owners.get(`${language} ${keyword}`);
        if (owner !== undefined) {
          throw new RangeError(`The keyword ${JSON.stringify(keyword)} stands in ${owner} and in ${genre.id}.`);
        }
        owners.set(`${language} ${keyword}`, genre.id);
      }
    }
  }
  return { version: value.version, genres: value.genres };
}

function checkGenre(genre: TaxonomyGenre): void {
  if (typeof genre?.id !== 'string' || !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(genre.id)) {
    throw new RangeError(`A genre id must be lower case words joined by "_". Got ${JSON.stringify(genre?.id)}.`);
  }
  if (!genre.name?.en || !genre.name.ja)
    throw new RangeError(`The genre ${genre.id} needs an English and a Japanese name.`);
  if (!(typeof genre.threshold === 'number' && genre.threshold >= 0 && genre.threshold <= 1)) {
    throw new RangeError(
      `The threshold of the genre ${genre.id} must be a number in [0, 1]. Got ${String(genre.threshold)}.`,
    );
  }
  for (const language of ['en', 'ja'] as const) {
    const words = genre.keywords?.[language];
    if (
      !Array.isArray(words) ||
      !words.every((word) => typeof word === 'string' && word !== '' && word === word.toLowerCase())
    ) {
      throw new RangeError(`The ${language} keywords of the genre ${genre.id} must be a list of lower case words.`);
    }
  }
}
