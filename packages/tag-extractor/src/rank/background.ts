/** How common words are in general text. */
export interface Background {
  /** From 0 for the most common word to 1 for an unknown one. */
  rarity(word: string): number;
}

/**
 * A background from words listed by falling frequency: rarity grows with the logarithm of the place.
 *
 * @param keys - word keys, most frequent first; a repeated key keeps its first place.
 * @see Zipf (1949), Human behavior and the principle of least effort.
 */
export function backgroundFromRanks(keys: readonly string[]): Background {
  const rarities = new Map<string, number>();
  const scale = 1 / Math.log(keys.length + 2);
  keys.forEach((key, i) => {
    if (!rarities.has(key)) rarities.set(key, Math.log(i + 1) * scale);
  });
  return { rarity: (word) => rarities.get(word) ?? 1 };
}

/** A background from what the analyser knows of the words of one document; unknown words are rare. */
export function backgroundFromRarities(rarities: ReadonlyMap<string, number>): Background {
  return { rarity: (word) => rarities.get(word) ?? 1 };
}
