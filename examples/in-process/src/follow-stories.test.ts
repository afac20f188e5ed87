import { readFile } from 'node:fs/promises';
import { type Matrix, matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { followStories } from './follow-stories.js';

/** Vectors about each of the given topics, in turn. */
function vectors(topics: readonly number[], count: number, seed: number): Matrix {
  const random = createRandom(seed);
  const rows = Array.from({ length: count }, (_, i) =>
    Array.from({ length: 24 }, (_, t) => (t === topics[i % topics.length] ? 4 : 0) + 0.5 * normalSample(random)),
  );
  return matrixFromRows(rows);
}

/** The label that most rows of a topic have, the topics being taken in turn. */
function usual(labels: Int32Array, topic: number, topics: number): number {
  const counts = new Map<number, number>();
  for (let i = topic; i < labels.length; i += topics) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
}

describe('followStories', () => {
  it('places new vectors, and finds a story that was not there', async () => {
    const { labels, diagnostics, add } = await followStories(vectors([0, 1, 2], 150, 1));
    const stories = [0, 1, 2].map((topic) => usual(labels, topic, 3));
    expect([...new Set(stories)].sort()).toEqual([0, 1, 2]);
    expect(diagnostics.fallbacks).toEqual([]);
    const next = await add(vectors([2, 0], 30, 2));
    expect([usual(next.labels, 0, 2), usual(next.labels, 1, 2)]).toEqual([stories[2], stories[0]]);
    const later = await add(vectors([0, 7], 60, 3));
    expect(usual(later.labels, 0, 2)).toBe(stories[0]);
    expect(later.added).toContain(usual(later.labels, 1, 2));
  });

  it('is the program of the guide', async () => {
    const [guide, program] = await Promise.all(
      ['../../../docs/guides/clustering.md', './follow-stories.ts'].map((path) =>
        readFile(new URL(path, import.meta.url), 'utf8'),
      ),
    );
    expect(guide).toContain(program);
  });
});
