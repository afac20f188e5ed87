import type { Candidate, Occurrence } from './candidate.js';

interface Entry {
  readonly key: string;
  readonly shape: string;
  readonly words: readonly string[];
  readonly occurrences: Occurrence[];
  readonly surfaces: Map<string, Surface>;
}

interface Surface {
  count: number;
  /** Places where capitals tell something: not the start of a sentence, not a headline. */
  inside: number;
  readonly order: number;
}

/** Collects candidates by key: twins meet here. */
export class CandidateTable {
  private readonly entries = new Map<string, Entry>();

  /** Notes one place of a phrase; `words` is asked only for a new key. */
  add(
    key: string,
    surface: string,
    shape: string,
    occurrence: Occurrence,
    startsSentence: boolean,
    words: () => readonly string[],
  ): void {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { key, shape, words: words(), occurrences: [], surfaces: new Map() };
      this.entries.set(key, entry);
    }
    entry.occurrences.push(occurrence);
    const inside = startsSentence || occurrence.headline ? 0 : 1;
    const known = entry.surfaces.get(surface);
    if (known) {
      known.count++;
      known.inside += inside;
    } else entry.surfaces.set(surface, { count: 1, inside, order: entry.surfaces.size });
  }

  /** The candidates in order of first occurrence. */
  finish(): Candidate[] {
    return Array.from(this.entries.values(), ({ key, shape, words, occurrences, surfaces }) => ({
      key,
      name: bestSurface(surfaces),
      occurrences,
      words,
      shape,
    }));
  }
}

/** The form that stands most often inside sentences, then most often at all, then first. */
function bestSurface(surfaces: ReadonlyMap<string, Surface>): string {
  let best = '';
  let bestSurface: Surface | undefined;
  for (const [text, surface] of surfaces) {
    const better =
      bestSurface === undefined ||
      surface.inside > bestSurface.inside ||
      (surface.inside === bestSurface.inside && surface.count > bestSurface.count);
    if (better) {
      best = text;
      bestSurface = surface;
    }
  }
  return best.replace(/\s+/g, ' ');
}
