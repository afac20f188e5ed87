import { extractMainContent, sanitizeHtml } from '@matome/recap-core';
import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import sanitizeWithLibrary from 'sanitize-html';
import { readRows } from '../../eval/read-rows.js';
import { hasModule, type Race, type RaceContext, runPython, timeRuns } from '../race.js';

interface Page {
  readonly id: string;
  readonly html: string;
}

interface Truth {
  readonly id: string;
  readonly with: readonly string[];
  readonly without: readonly string[];
}

/** linkedom implements what Readability uses of the DOM, under other types. */
type ReadabilityDocument = ConstructorParameters<typeof Readability>[0];

/** Pages a second of trafilatura 2.2 on 2 vCPU of an AMD EPYC with one thread, 474 pages of its evaluation. */
const storedTrafilaturaPagesPerSecond = 61;

const trafilatura = `
import gzip, json, sys, time, logging
logging.disable(logging.CRITICAL)
import trafilatura
rows = [json.loads(l) for l in gzip.open(sys.argv[1], 'rt', encoding='utf-8') if l.strip()][: int(sys.argv[2])]
def run(h):
    try: return trafilatura.extract(h, include_comments=False, include_tables=True) or ''
    except Exception: return ''
for r in rows[:10]: run(r['html'])
start = time.perf_counter(); texts = [run(r['html']) for r in rows]; seconds = time.perf_counter() - start
print(json.dumps({'seconds': seconds, 'version': trafilatura.__version__, 'texts': dict(zip((r['id'] for r in rows), texts))}))
`;

export const race: Race = {
  summary:
    'Main content: --data PAGES --truth SEGMENTS [--limit N]; against trafilatura, Readability with linkedom, sanitize-html.',
  async run(context) {
    const { data, truth, limit } = context.options;
    if (data === undefined || truth === undefined) throw new Error('The race needs --data PAGES and --truth SEGMENTS.');
    const pages = await readRows<Page>(data, ['id', 'html'], limit === undefined ? undefined : Number(limit));
    const segments = await readRows<Truth>(truth, ['id', 'with', 'without']);
    const score = scorer(new Map(segments.map((row) => [row.id, row])));
    const ours = new Map<string, string>();
    const { median } = await timeRuns(2, () => {
      for (const page of pages) ours.set(page.id, extractMainContent(page.html).text);
    });
    const quality = { ours: score(ours), pages: pages.length, pagesPerSecond: pages.length / median };
    await raceReadability(context, pages, median, quality, score);
    await raceTrafilatura(context, data, pages, median, quality, score);
    await raceSanitizers(context, pages);
  },
};

type Score = (texts: ReadonlyMap<string, string>) => number;

/** F over the segments that a page's text must hold, and must not. */
function scorer(truth: ReadonlyMap<string, Truth>): Score {
  return (texts) => {
    let tp = 0;
    let fp = 0;
    let fn = 0;
    for (const [id, text] of texts) {
      for (const segment of truth.get(id)?.with ?? []) text.includes(segment) ? tp++ : fn++;
      for (const segment of truth.get(id)?.without ?? []) if (text.includes(segment)) fp++;
    }
    return Number(((2 * tp) / (2 * tp + fp + fn)).toFixed(4));
  };
}

async function raceReadability(
  { report }: RaceContext,
  pages: readonly Page[],
  oursSeconds: number,
  quality: Readonly<Record<string, unknown>>,
  score: Score,
): Promise<void> {
  const theirs = new Map<string, string>();
  const { median } = await timeRuns(1, () => {
    for (const { id, html } of pages) {
      let text = '';
      try {
        text = new Readability(parseHTML(html).document as unknown as ReadabilityDocument).parse()?.textContent ?? '';
      } catch {
        // Readability throws on pages without a body: that is an empty extraction.
      }
      theirs.set(id, text.replace(/[^\S\n]+/g, ' '));
    }
  });
  report({
    work: 'pages, Readability + linkedom',
    oursSeconds,
    peerSeconds: median,
    quality: { ...quality, peer: score(theirs) },
  });
}

async function raceTrafilatura(
  { python, report, progress }: RaceContext,
  data: string,
  pages: readonly Page[],
  oursSeconds: number,
  quality: Readonly<Record<string, unknown>>,
  score: Score,
): Promise<void> {
  const work = 'pages, trafilatura';
  if (python === undefined || !hasModule(python, 'trafilatura')) {
    progress('trafilatura is not installed: its figure is the stored one');
    const storedPeerSeconds = pages.length / storedTrafilaturaPagesPerSecond;
    report({ work, oursSeconds, storedPeerSeconds, quality: { ...quality, storedPeer: 0.922 } });
    return;
  }
  const { seconds, version, texts } = await runPython<{
    seconds: number;
    version: string;
    texts: Record<string, string>;
  }>(python, trafilatura, [data, String(pages.length)]);
  report({
    work,
    oursSeconds,
    peerSeconds: seconds,
    quality: { ...quality, peer: score(new Map(Object.entries(texts))), version },
  });
}

async function raceSanitizers({ report }: RaceContext, pages: readonly Page[]): Promise<void> {
  const megabytes = pages.reduce((sum, { html }) => sum + html.length, 0) / 1e6;
  const ours = await timeRuns(1, () => {
    for (const { html } of pages) sanitizeHtml(html);
  });
  const theirs = await timeRuns(1, () => {
    for (const { html } of pages) sanitizeWithLibrary(html);
  });
  report({
    work: 'sanitise whole pages, sanitize-html',
    oursSeconds: ours.median,
    peerSeconds: theirs.median,
    quality: { megabytesPerSecond: megabytes / ours.median },
  });
}
