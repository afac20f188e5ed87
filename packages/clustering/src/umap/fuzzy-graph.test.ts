import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { runSync } from '@matome/primitives/async';
import { describe, expect, it } from 'vitest';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { curveParameters } from './curve-parameters.js';
import { directedGraph, type FuzzyGraph, fuzzyGraphSteps, superviseGraph } from './fuzzy-graph.js';
import { smoothDistanceSteps } from './smooth-distances.js';

function readFixture<T>(name: string): T {
  const path = new URL(`../../../../test/fixtures/umap/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as T;
}

/** The reference counts a row as its own first neighbour. */
function withoutSelf(indices: readonly number[][] | undefined, distances: readonly number[][]): KnnGraph {
  const rows = distances.length;
  const k = distances[0]!.length - 1;
  return {
    indices: Uint32Array.from(indices ? indices.flatMap((own) => own.slice(1)) : new Array(rows * k).fill(0)),
    distances: Float32Array.from(distances.flatMap((own) => own.slice(1))),
    rows,
    k,
  };
}

interface Edges {
  readonly rows: number[];
  readonly cols: number[];
  readonly vals: number[];
}
interface Symmetric extends Edges {
  readonly nnz: number;
  readonly sum: number;
}

function expectEdges(graph: FuzzyGraph, expected: Edges, upperOnly: boolean): void {
  const found = new Map<string, number>();
  for (let i = 0; i < graph.rows; i++) {
    for (let at = graph.starts[i]!; at < graph.starts[i + 1]!; at++) {
      if (!upperOnly || i < graph.targets[at]!) found.set(`${i} ${graph.targets[at]}`, graph.weights[at]!);
    }
  }
  let worst = 0;
  expected.vals.forEach((value, at) => {
    const key = `${expected.rows[at]} ${expected.cols[at]}`;
    worst = Math.max(worst, Math.abs((found.get(key) ?? 0) - value));
    found.delete(key);
  });
  for (const rest of found.values()) worst = Math.max(worst, rest);
  expect(worst).toBeLessThan(1e-4);
}

describe('smoothDistanceSteps against umap-learn', () => {
  interface SmoothCase {
    readonly name: string;
    readonly localConnectivity: number;
    readonly bandwidth: number;
    readonly distances: number[][];
    readonly sigmas: number[];
    readonly rhos: number[];
  }
  const { cases } = readFixture<{ cases: SmoothCase[] }>('smooth-knn-dist');

  it.each(cases)('finds the same offsets and scales: $name', ({ distances, sigmas, rhos, ...options }) => {
    const smooth = runSync(smoothDistanceSteps(withoutSelf(undefined, distances), options));
    rhos.forEach((rho, i) => {
      expect(Math.abs(smooth.rhos[i]! - rho)).toBeLessThanOrEqual(1e-4 * Math.abs(rho));
      expect(Math.abs(smooth.sigmas[i]! - sigmas[i]!)).toBeLessThanOrEqual(1e-4 * sigmas[i]!);
    });
  });
});

describe('curveParameters against umap-learn', () => {
  const { cases } = readFixture<{ cases: { spread: number; minDist: number; a: number; b: number }[] }>('ab-params');

  it.each(cases)('fits the same curve: spread $spread, minDist $minDist', ({ spread, minDist, a, b }) => {
    const curve = curveParameters(minDist, spread);
    for (let d = 0; d <= 3 * spread; d += spread / 50) {
      const difference = 1 / (1 + curve.a * d ** (2 * curve.b)) - 1 / (1 + a * d ** (2 * b));
      expect(Math.abs(difference)).toBeLessThan(1e-4);
    }
    expect(Math.abs(curve.a / a - 1)).toBeLessThan(1e-3);
    expect(Math.abs(curve.b / b - 1)).toBeLessThan(1e-3);
  });

  it('refuses a distance beyond the spread', () => {
    expect(() => curveParameters(2, 1)).toThrow(
      'The minDist option of curveParameters must be a number in [0, 1]. Got 2.',
    );
    expect(() => curveParameters(0, 0)).toThrow('spread');
  });
});

describe('the fuzzy graph against umap-learn', () => {
  type Mode = 'union' | 'mix0.5' | 'intersection' | 'localConnectivity2';
  type Fixture = {
    readonly knnIndices: number[][];
    readonly knnDistances: number[][];
    readonly sigmas: number[];
    readonly rhos: number[];
    readonly directed: Edges;
    readonly supervised: Edges & { readonly target: number[]; readonly unknownDist: number; readonly farDist: number };
  } & Readonly<Record<Mode, Symmetric>>;
  const fixture = readFixture<Fixture>('fuzzy-digits300');
  const knn = withoutSelf(fixture.knnIndices, fixture.knnDistances);

  it('has the same directed memberships', () => {
    expectEdges(directedGraph(knn, runSync(smoothDistanceSteps(knn))), fixture.directed, false);
  });

  it.each([
    ['union', {}],
    ['mix0.5', { setOperationMix: 0.5 }],
    ['intersection', { setOperationMix: 0 }],
    ['localConnectivity2', { localConnectivity: 2 }],
  ] as const)('has the same symmetric memberships: %s', (mode, options) => {
    const graph = runSync(fuzzyGraphSteps(knn, options));
    expectEdges(graph, fixture[mode], true);
    expect(graph.weights.reduce((sum, value) => sum + value, 0)).toBeCloseTo(fixture[mode].sum, 1);
  });

  it('is symmetric, sorted and without loops', () => {
    const { starts, targets, weights, rows } = runSync(fuzzyGraphSteps(knn));
    const seen = new Map<string, number>();
    for (let i = 0; i < rows; i++) {
      for (let at = starts[i]!; at < starts[i + 1]!; at++) {
        expect(targets[at]).not.toBe(i);
        if (at > starts[i]!) expect(targets[at]!).toBeGreaterThan(targets[at - 1]!);
        seen.set(`${i} ${targets[at]}`, weights[at]!);
      }
    }
    for (const [key, weight] of seen) expect(seen.get(key.split(' ').reverse().join(' '))).toBe(weight);
  });

  it('weakens edges between classes as the reference does', () => {
    const { target, unknownDist, farDist } = fixture.supervised;
    const graph = superviseGraph(runSync(fuzzyGraphSteps(knn)), {
      target,
      unknownDistance: unknownDist,
      farDistance: farDist,
    });
    expectEdges(graph, fixture.supervised, true);
  });
});
