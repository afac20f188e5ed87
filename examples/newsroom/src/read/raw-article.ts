/** Where an article was found. */
export interface Origin {
  /** Path as it was given, or address. */
  readonly source: string;
  /** Line in the file, from 1, or place in the document. */
  readonly line?: number;
}

/** How the body of an article is written. */
export type BodyKind = 'page' | 'fragment' | 'text';

/** An article as a source gives it; nothing is cleaned. */
export interface RawArticle {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly kind: BodyKind;
  readonly url: string | null;
  /** Name of the paper or feed. */
  readonly source: string | null;
  /** ISO 8601. */
  readonly publishedAt: string | null;
  /** BCP 47 tag as the source gives it. */
  readonly language: string | null;
  readonly origin: Origin;
}

/** Something wrong with the input; each is told once. */
export interface Problem {
  readonly origin: Origin;
  /** What is wrong, without a full stop. */
  readonly message: string;
  /** Whether the article was left out, or read after a repair. */
  readonly effect: 'skipped' | 'repaired';
}

/** What a reader yields. */
export type Reading =
  | { readonly type: 'article'; readonly article: RawArticle }
  | { readonly type: 'problem'; readonly problem: Problem };

/** Makes the reading of an article. */
export function articleReading(article: RawArticle): Reading {
  return { type: 'article', article };
}

/** Makes the reading of a problem. */
export function problemReading(origin: Origin, message: string, effect: Problem['effect'] = 'skipped'): Reading {
  return { type: 'problem', problem: { origin, message, effect } };
}

/** Writes a place as editors and terminals understand it. */
export function formatOrigin({ source, line }: Origin): string {
  return line === undefined ? source : `${source}:${line}`;
}

/** Makes one problem of all that is wrong in one place, in the order in which places first occur. */
export function oncePerPlace(problems: readonly Problem[]): Problem[] {
  const places = new Map<string, Problem>();
  for (const problem of problems) {
    const place = formatOrigin(problem.origin);
    const known = places.get(place);
    if (!known) places.set(place, problem);
    else {
      const effect = known.effect === 'skipped' ? 'skipped' : problem.effect;
      places.set(place, { origin: known.origin, message: `${known.message}; ${problem.message}`, effect });
    }
  }
  return [...places.values()];
}
