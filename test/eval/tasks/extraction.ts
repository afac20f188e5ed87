import { htmlToText } from '@matome/primitives/text';
import { extractMainContent, sanitizeHtml } from '@matome/recap-core';
import { isBlank, openLines, parseRow, readRows } from '../read-rows.js';
import { type EvalContext, EvalInputError, type EvalResult, type EvalTask } from '../task.js';

interface PageRow {
  readonly id: string;
  readonly html: string;
  readonly url?: string;
  readonly expectedHtml?: string;
}

interface TruthRow {
  readonly id: string;
  readonly with?: readonly string[];
  readonly without?: readonly string[];
  readonly articleBody?: string;
}

export const task: EvalTask = {
  summary: 'Main content of pages (fields id, html) against segments or bodies.',
  options: {
    truth:
      'rows (id and with/without segments, or id and articleBody); without it the rows of --data hold expectedHtml',
  },
  async run(context) {
    const truth = await readTruth(context.options.truth);
    const score = new ExtractionScore();
    let rows = 0;
    let seconds = 0;
    // Pages are read one at a time: a set of them must not count as memory of the extractor.
    let number = 0;
    for await (const line of openLines(context.data)) {
      number++;
      if (isBlank(line)) continue;
      if (rows >= context.limit) break;
      const page = parseRow<PageRow>(line, ['id', 'html'], `${context.data}:${number}`);
      const expected = truth?.get(page.id) ?? expectedOf(page, context);
      rows++;
      const start = performance.now();
      const { text, html } = extractMainContent(page.html, { url: page.url === '' ? undefined : page.url });
      seconds += (performance.now() - start) / 1000;
      if (sanitizeHtml(html) !== html) score.unstable++;
      score.add(text, expected);
      if (rows % 100 === 0) context.progress(`${rows} pages`);
    }
    if (rows === 0) throw new EvalInputError(`${context.data} holds no pages.`);
    return { rows, metrics: { ...score.metrics, pagesPerSecond: rows / seconds } } satisfies EvalResult;
  },
};

async function readTruth(path: string | undefined): Promise<ReadonlyMap<string, TruthRow> | undefined> {
  if (path === undefined) return undefined;
  const rows = await readRows<TruthRow>(path, ['id']);
  const wrong = rows.findIndex((row) => row.articleBody === undefined && (!row.with || !row.without));
  if (wrong >= 0) {
    throw new EvalInputError(`Row ${wrong + 1} of ${path} has neither "articleBody" nor "with" and "without".`);
  }
  return new Map(rows.map((row) => [row.id, row]));
}

function expectedOf(page: PageRow, { data, options }: EvalContext): TruthRow {
  if (options.truth !== undefined) throw new EvalInputError(`${options.truth} has no row for the page ${page.id}.`);
  if (page.expectedHtml === undefined) {
    throw new EvalInputError(`${data} has no field "expectedHtml": name the truth with --truth PATH.`);
  }
  return { id: page.id, articleBody: htmlToText(page.expectedHtml) };
}

/** Segments found and not found, or n-grams shared with the body, whichever the truth holds. */
class ExtractionScore {
  /** Pages whose HTML changes when it is sanitised once more. */
  unstable = 0;
  private tp = 0;
  private fp = 0;
  private fn = 0;
  private tn = 0;
  private readonly bodies: { precision: number; recall: number; tokenF1: number }[] = [];

  add(text: string, truth: TruthRow): void {
    for (const segment of truth.with ?? []) text.includes(segment) ? this.tp++ : this.fn++;
    for (const segment of truth.without ?? []) text.includes(segment) ? this.fp++ : this.tn++;
    if (truth.articleBody !== undefined) this.bodies.push(compareBodies(text, truth.articleBody));
  }

  get metrics() {
    const { tp, fp, fn, tn, bodies } = this;
    const shared = { unstableHtml: this.unstable };
    if (bodies.length > 0) {
      const mean = (of: (body: (typeof bodies)[number]) => number) =>
        bodies.reduce((sum, body) => sum + of(body), 0) / bodies.length;
      const precision = mean((body) => body.precision);
      const recall = mean((body) => body.recall);
      return { precision, recall, f1: harmonic(precision, recall), tokenF1: mean((body) => body.tokenF1), ...shared };
    }
    const precision = tp / Math.max(1, tp + fp);
    const recall = tp / Math.max(1, tp + fn);
    const accuracy = (tp + tn) / Math.max(1, tp + fp + fn + tn);
    return { precision, recall, accuracy, f: harmonic(precision, recall), segments: tp + fp + fn + tn, ...shared };
  }
}

function harmonic(a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}

/** Precision and recall of the runs of four words, and F1 of the single words, as bags. */
function compareBodies(text: string, body: string) {
  const got = words(text);
  const wanted = words(body);
  const [gotRuns, wantedRuns] = [runs(got, 4), runs(wanted, 4)];
  const shared = bagOverlap(gotRuns, wantedRuns);
  const both = gotRuns.length + wantedRuns.length === 0;
  const sharedWords = bagOverlap(got, wanted);
  return {
    precision: both ? 1 : shared / Math.max(1, gotRuns.length),
    recall: both ? 1 : shared / Math.max(1, wantedRuns.length),
    tokenF1: got.length + wanted.length === 0 ? 1 : (2 * sharedWords) / (got.length + wanted.length),
  };
}

function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
}

function runs(tokens: readonly string[], size: number): string[] {
  if (tokens.length === 0) return [];
  return Array.from({ length: Math.max(1, tokens.length - size + 1) }, (_, i) => tokens.slice(i, i + size).join(' '));
}

function bagOverlap(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const item of a) counts.set(item, (counts.get(item) ?? 0) + 1);
  let shared = 0;
  for (const item of b) {
    const left = counts.get(item) ?? 0;
    if (left > 0) {
      counts.set(item, left - 1);
      shared++;
    }
  }
  return shared;
}
