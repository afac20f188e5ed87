import type { Taxonomy } from '@matome/recap-core';

/** How a genre is shown. */
export interface GenreLook {
  readonly en: string;
  readonly ja: string;
  /** Hue in degrees. */
  readonly hue: number;
}

/** Gives every genre its names and a hue of its own. */
export function genreLooks(taxonomy: Taxonomy): (genre: string) => GenreLook {
  // Steps of the golden angle keep neighbours in the taxonomy far apart on the colour circle.
  const looks = new Map(
    taxonomy.genres.map(({ id, name }, i) => [id, { ...name, hue: Math.round((i * 137.5) % 360) }]),
  );
  return (genre) => looks.get(genre) ?? { en: genre.replaceAll('_', ' '), ja: genre, hue: 220 };
}
