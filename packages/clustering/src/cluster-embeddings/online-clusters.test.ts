import { type Matrix, matrixFromRows, normalizeRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { clusterEmbeddings } from './cluster-embeddings.js';
import { OnlineClusters } from './online-clusters.js';

/** Rows around some of eight fixed directions. */
function stream(topics: readonly number[], count: number, seed: number): { x: Matrix; truth: number[] } {
  const fixed = createRandom(99);
  const centers = Array.from({ length: 8 }, () => Array.from({ length: 20 }, () => normalSample(fixed)));
  const random = createRandom(seed);
  const truth = Array.from({ length: count }, (_, i) => topics[i % topics.length]!);
  const rows = truth.map((topic) => centers[topic]!.map((value) => value + 0.3 * normalSample(random)));
  return { x: normalizeRows(matrixFromRows(rows)), truth };
}

describe('OnlineClusters', async () => {
  const { x, truth } = stream([0, 1, 2], 240, 1);
  const clusters = await clusterEmbeddings(x);
  const idOf = (topic: number) => clusters.labels[truth.indexOf(topic)]!;

  it('assigns new rows of known topics and leaves others outside', () => {
    const online = OnlineClusters.start(x, clusters);
    const fresh = stream([0, 1, 2], 90, 2);
    const { labels, distances } = online.assign(fresh.x);
    const right = [...labels].filter((label, i) => label === idOf(fresh.truth[i]!)).length;
    expect(right).toBeGreaterThanOrEqual(86);
    expect(distances.every((distance) => distance >= 0 && distance < 2)).toBe(true);
    const strange = online.assign(stream([5], 40, 3).x);
    expect([...strange.labels].filter((label) => label === -1).length).toBeGreaterThanOrEqual(38);
  });

  it('drifts when the stream moves on, not before', () => {
    const online = OnlineClusters.start(x, clusters);
    online.assign(stream([0, 1, 2], 100, 4).x);
    expect(online.needsRefresh).toBe(false);
    online.assign(stream([6, 7], 100, 5).x);
    expect(online.drift).toBeGreaterThan(0.4);
    expect(online.needsRefresh).toBe(true);
  });

  it('judges nothing on few rows', () => {
    const online = OnlineClusters.start(x, clusters, { minRows: 30 });
    online.assign(stream([6], 29, 6).x);
    expect(online.drift).toBe(0);
  });

  it('keeps the identity of clusters that go on', async () => {
    const online = OnlineClusters.start(x, clusters);
    const later = stream([2, 0, 6], 240, 7);
    const { labels, added, removed, model } = await online.refresh(later.x);
    expect(labels[1]).toBe(idOf(0));
    expect(labels[0]).toBe(idOf(2));
    expect(added).toEqual([3]);
    expect(removed).toEqual([idOf(1)]);
    expect(model.drift).toBe(0);
    expect([...model.assign(takeRows(later.x, [2])).labels]).toEqual([3]);
  });

  it('works with euclidean rows, with no cluster and with equal rows', async () => {
    const flat = matrixFromRows(Array.from({ length: 40 }, (_, i) => [i < 20 ? i / 100 : 50 + i / 100]));
    const online = OnlineClusters.start(flat, await clusterEmbeddings(flat, { metric: 'euclidean', umap: false }));
    expect(new Set(online.assign(matrixFromRows([[0.1], [50.3], [900]])).labels).size).toBe(3);
    const none = { data: new Float32Array(0), rows: 0, cols: 1 };
    const empty = OnlineClusters.start(none, await clusterEmbeddings(none));
    expect([...empty.assign(matrixFromRows([[1]])).labels]).toEqual([-1]);
  });

  it('does not count rows that it refuses', () => {
    const online = OnlineClusters.start(x, clusters, { minRows: 1 });
    const bad = { ...x, data: x.data.map((value, at) => (at === 25 ? Number.NaN : value)) };
    expect(() => online.assign(bad)).toThrow(
      'The input of OnlineClusters.assign must hold finite numbers. Row 1 holds NaN',
    );
    online.assign(stream([5], 1, 3).x);
    expect(online.drift).toBe(1);
    const empty = { ...clusters, nClusters: 0, labels: new Int32Array(0), centroids: matrixFromRows([]) };
    expect(() => OnlineClusters.start(matrixFromRows([]), empty).assign(bad)).toThrow('Row 1 holds NaN');
  });

  it('refuses rows that are not as wide as the centroids', () => {
    const narrow = { data: new Float32Array(x.rows), rows: x.rows, cols: 1 };
    expect(() => OnlineClusters.start(narrow, clusters)).toThrow(
      'The x.cols option of OnlineClusters.start must be an integer in [20, 20]. Got 1.',
    );
  });

  it('names the option that is wrong', () => {
    expect(() => OnlineClusters.start(takeRows(x, [0]), clusters)).toThrow('x.rows');
    expect(() => OnlineClusters.start(x, clusters, { radiusQuantile: 2 })).toThrow('radiusQuantile');
  });
});
