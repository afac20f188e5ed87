import { umap } from '@matome/clustering';
import type { Embedder } from '@matome/primitives/embedding';
import { createMatrix, type Matrix, row } from '@matome/primitives/linalg';
import { loadDefaultModel } from './default-model.js';
import { type Plane, principalPlane, spread } from './principal-plane.js';
import { newsStage } from './stage.js';
import type { NewsStory, Workspace } from './workspace.js';

/** How strongly stories of one genre are drawn together, against what each of them says. */
const genrePull = 1.5;

/** Gives each story a place on a map: stories that say similar things, in either language, or share a genre lie near one another. */
export const mapStage = newsStage<{ readonly x: number; readonly y: number }>({
  name: 'map',
  unit: 'stories',
  async run(work, context) {
    const vectors = await embedStories(work, await loadDefaultModel(), context.signal);
    const plane = await layOut(drawTogether(vectors, work.stories), context.signal);
    const items = work.stories.map((_, i) => ({ x: rounded(plane.x[i]!), y: rounded(plane.y[i]!) }));
    context.progress(items.length, items.length);
    return { items };
  },
  apply: (work, places) => ({ ...work, places }),
});

/** Stories below which neighbourhoods say nothing. */
const fewStories = 12;

async function layOut(vectors: Matrix, signal: AbortSignal): Promise<Plane> {
  if (vectors.rows < fewStories) return principalPlane(vectors);
  const nNeighbors = Math.min(15, Math.ceil(vectors.rows / 4));
  const { data, rows } = await umap(vectors, { nNeighbors, metric: 'cosine', minDist: 0.35, signal });
  const column = (c: number) => spread(Float64Array.from({ length: rows }, (_, i) => data[2 * i + c]!));
  return { x: column(0), y: column(1) };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function embedStories(work: Workspace, embedder: Embedder, signal: AbortSignal): Promise<Matrix> {
  const texts = work.stories.map(({ members }, s) => {
    const titles = members.map((i) => work.articles[i]!.title);
    return [...titles, ...work.terms[s]!, ...work.summaries[s]!.map(({ text }) => text)].join('\n');
  });
  return embedder.embed(texts, { signal });
}

/** Adds to each vector the mean of its genre, whatever the language of the stories. */
function drawTogether(vectors: Matrix, stories: readonly NewsStory[]): Matrix {
  const { rows, cols } = vectors;
  const result = createMatrix(rows, cols);
  const means = new Map<string, Float64Array>();
  const counts = new Map<string, number>();
  stories.forEach(({ genre }, i) => {
    const mean = means.get(genre) ?? new Float64Array(cols);
    const vector = row(vectors, i);
    for (let c = 0; c < cols; c++) mean[c]! += vector[c]!;
    means.set(genre, mean);
    counts.set(genre, (counts.get(genre) ?? 0) + 1);
  });
  stories.forEach(({ genre }, i) => {
    const mean = means.get(genre)!;
    const norm = Math.hypot(...mean) || 1;
    const vector = row(vectors, i);
    const target = row(result, i);
    for (let c = 0; c < cols; c++) target[c] = vector[c]! + (genrePull * mean[c]!) / norm;
  });
  return result;
}
