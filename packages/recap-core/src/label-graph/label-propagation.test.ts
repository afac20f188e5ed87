import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type CsrMatrix, csrFromRows, matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, randomInteger } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { correctAndSmooth } from './correct-and-smooth.js';
import { labelPropagation, labelSpreading, randomWalkWithRestart } from './label-propagation.js';
import { similarityGraph } from './similarity-graph.js';

interface Case {
  readonly method: 'LabelSpreading' | 'LabelPropagation';
  readonly kernel: 'rbf' | 'knn';
  readonly params: { readonly gamma?: number; readonly n_neighbors?: number; readonly alpha?: number };
  readonly distributions: readonly (readonly number[])[];
  readonly labels: readonly number[];
}
interface Reference {
  readonly x: readonly (readonly [number, number])[];
  readonly partialLabels: readonly number[];
  readonly cases: readonly Case[];
}
const path = new URL('../../../../test/fixtures/classification/label-spreading.json.gz', import.meta.url);
const reference = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Reference;

const squared = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, j) => sum + (v - b[j]!) ** 2, 0);

function graphOf({ kernel, params }: Case): CsrMatrix {
  const { x } = reference;
  if (kernel === 'rbf') {
    return csrFromRows(
      x.map((p) => new Map(x.map((q, j) => [j, Math.exp(-params.gamma! * squared(p, q))]))),
      x.length,
    );
  }
  return csrFromRows(
    x.map((p) => {
      const order = x.map((_, j) => j).sort((a, b) => squared(p, x[a]!) - squared(p, x[b]!) || a - b);
      return new Map(order.slice(0, params.n_neighbors!).map((j) => [j, 1]));
    }),
    x.length,
  );
}

describe('spreading labels', () => {
  const seeds = Int32Array.from(reference.partialLabels);
  it.each(reference.cases)('equals the reference: $method, $kernel, $params', (one) => {
    const options = { tolerance: 1e-10, maxIterations: 20_000 };
    const spread = one.method === 'LabelSpreading' ? labelSpreading : labelPropagation;
    const { distributions, labels, converged } = spread(graphOf(one), seeds, { ...options, ...one.params });
    expect(converged).toBe(true);
    expect([...labels]).toEqual(one.labels);
    let worst = 0;
    one.distributions.forEach((row, i) => {
      row.forEach((value, c) => {
        worst = Math.max(worst, Math.abs(distributions.data[i * row.length + c]! - value));
      });
    });
    expect(worst).toBeLessThan(1e-6);
  });
  it('leaves a node that no seed reaches without a label', () => {
    const graph = csrFromRows([new Map([[1, 1]]), new Map([[0, 1]]), new Map()], 3);
    const { labels, distributions } = labelPropagation(graph, new Int32Array([0, -1, -1]));
    expect([...labels]).toEqual([0, 0, -1]);
    expect([...distributions.data].slice(-1)).toEqual([0]);
  });
  it('gives the same labels whatever the order of the nodes', () => {
    const [one] = reference.cases;
    const order = seeds.map((_, i) => (i * 7) % seeds.length);
    const plain = graphOf(one!);
    const place = new Map([...order].map((node, at) => [node, at]));
    const moved = csrFromRows(
      [...order].map(
        (node) =>
          new Map(
            Array.from({ length: 60 }, (_, k) => [
              place.get(plain.indices[plain.indptr[node]! + k]!)!,
              plain.data[plain.indptr[node]! + k]!,
            ]),
          ),
      ),
      60,
    );
    const { labels } = labelSpreading(
      moved,
      order.map((node) => seeds[node]!),
    );
    const expected = labelSpreading(plain, seeds).labels;
    expect([...labels]).toEqual([...order].map((node) => expected[node]));
  });
  it('refuses other sizes, no seed, negative weights and bad options', () => {
    const graph = csrFromRows([new Map([[1, 1]]), new Map([[0, 1]])], 2);
    expect(() => labelPropagation(graph, new Int32Array(3))).toThrow('must be 2. Got 3.');
    expect(() => labelPropagation(graph, new Int32Array([-1, -1]))).toThrow('at least one seed');
    expect(() => labelPropagation(csrFromRows([new Map([[0, -1]])], 1), new Int32Array([0]))).toThrow('Got -1.');
    expect(() => labelPropagation(csrFromRows([new Map()], 2), new Int32Array([0]))).toThrow('must be square');
    expect(() => labelSpreading(graph, new Int32Array([0, -1]), { alpha: 0 })).toThrow('alpha');
    expect(() => labelPropagation(graph, new Int32Array([0, 3]), { nClasses: 2 })).toThrow('nClasses');
  });
  it('does not favour the class of more seeds in a random walk', () => {
    // A star: the middle hears three seeds of class 0 on one side and one of class 1 over a heavier edge.
    const graph = csrFromRows(
      [
        new Map([
          [1, 1],
          [2, 1],
          [3, 1],
          [4, 3],
        ]),
        new Map([[0, 1]]),
        new Map([[0, 1]]),
        new Map([[0, 1]]),
        new Map([[0, 3]]),
      ],
      5,
    );
    const { distributions, labels } = randomWalkWithRestart(graph, new Int32Array([-1, 0, 0, 0, 1]));
    expect(distributions.data[0]).toBeCloseTo(0.5, 3);
    expect([...labels].slice(1)).toEqual([0, 0, 0, 1]);
  });
  it('labels 20,000 nodes in some tens of rounds', () => {
    const random = createRandom(3);
    const nodes = 20_000;
    const rows = Array.from({ length: nodes }, (_, i) => {
      const own = new Map<number, number>();
      while (own.size < 15) own.set((i + 1 + randomInteger(2000, random)) % nodes, random());
      return own;
    });
    const seeds = Int32Array.from({ length: nodes }, (_, i) => (i % 40 === 0 ? (i / 40) % 10 : -1));
    const graph = csrFromRows(rows, nodes);
    const { labels, iterations, converged } = labelPropagation(graph, seeds);
    expect(converged).toBe(true);
    expect(labels.every((label) => label >= 0)).toBe(true);
    expect(iterations).toBeLessThan(150);
  });
});

describe('correctAndSmooth', () => {
  /** Two rings of nodes with noisy answers of a biased classifier. */
  function rings(perRing: number, seed: number) {
    const random = createRandom(seed);
    const n = 2 * perRing;
    const truth = Int32Array.from({ length: n }, (_, i) => (i < perRing ? 0 : 1));
    const rows = Array.from({ length: n }, (_, i) => {
      const base = i < perRing ? 0 : perRing;
      return new Map(
        [1, 2, 3].flatMap((d) => [d, perRing - d].map((step) => [base + ((i - base + step) % perRing), 1] as const)),
      );
    });
    const weak = matrixFromRows(
      Array.from(truth, (label) => {
        const p = Math.min(0.95, Math.max(0.05, 0.55 + (label === 0 ? 0.1 : -0.1) + 0.4 * (random() - 0.5)));
        return [p, 1 - p];
      }),
    );
    return { graph: csrFromRows(rows, n), truth, weak };
  }
  const accuracy = (data: Float32Array, truth: Int32Array, rows: readonly number[]) =>
    rows.filter((i) => (data[2 * i]! >= data[2 * i + 1]! ? 0 : 1) === truth[i]).length / rows.length;

  it('raises the accuracy of a weak and biased base on unknown nodes', () => {
    const { graph, truth, weak } = rings(300, 1);
    const seeds = truth.map((label, i) => (i % 10 === 0 ? label : -1));
    const unknown = [...seeds.keys()].filter((i) => seeds[i]! < 0);
    const better = correctAndSmooth(graph, weak, seeds);
    expect(accuracy(weak.data, truth, unknown)).toBeLessThan(0.75);
    expect(accuracy(better.data, truth, unknown)).toBeGreaterThan(0.97);
    for (let i = 0; i < 600; i++) expect(better.data[2 * i]! + better.data[2 * i + 1]!).toBeCloseTo(1, 5);
  });
  it('keeps the answer of a node without neighbours', () => {
    const graph = csrFromRows([new Map([[1, 1]]), new Map([[0, 1]]), new Map()], 3);
    const weak = matrixFromRows([
      [0.9, 0.1],
      [0.5, 0.5],
      [0.25, 0.75],
    ]);
    const { data } = correctAndSmooth(graph, weak, new Int32Array([0, -1, -1]));
    expect([data[4], data[5]].map((v) => v!.toFixed(4))).toEqual(['0.2500', '0.7500']);
  });
  it('refuses sizes that disagree', () => {
    const graph = csrFromRows([new Map()], 1);
    expect(() => correctAndSmooth(graph, matrixFromRows([[1, 0]]), new Int32Array([2]))).toThrow('Got 1, 1 × 2 and 1.');
    expect(() => correctAndSmooth(graph, matrixFromRows([[1]]), new Int32Array([0]), { iterations: 0 })).toThrow(
      'iterations',
    );
  });
});

describe('similarityGraph', () => {
  const rows = [
    [1, 0, 0],
    [0.9, 0.1, 0],
    [0, 1, 0],
    [0, 0.95, 0.05],
    [0, 0, 1],
  ];
  it('joins rows of high cosine, the same for sparse and dense rows', async () => {
    const dense = await similarityGraph(matrixFromRows(rows));
    const sparse = await similarityGraph(
      csrFromRows(
        rows.map((r) => new Map(r.flatMap((v, j) => (v ? [[j, v]] : [])))),
        3,
      ),
    );
    expect([...dense.indices]).toEqual([1, 0, 3, 2]);
    expect([...sparse.indices]).toEqual([...dense.indices]);
    sparse.data.forEach((value, at) => {
      expect(value).toBeCloseTo(dense.data[at]!, 5);
    });
  });
  it('is symmetric even where only one end keeps the edge', async () => {
    const near = [
      [1, 0],
      [1, 0.01],
      [1, 0.02],
      [1, 0.03],
    ];
    const graph = await similarityGraph(matrixFromRows(near), { maxNeighbors: 1 });
    for (let i = 0; i < 4; i++) {
      for (const j of graph.indices.subarray(graph.indptr[i], graph.indptr[i + 1])) {
        expect([...graph.indices.subarray(graph.indptr[j], graph.indptr[j + 1])]).toContain(i);
      }
    }
  });
  it('gives one row no neighbour and refuses a threshold of 0', async () => {
    expect((await similarityGraph(matrixFromRows([[1]]))).indices).toHaveLength(0);
    await expect(similarityGraph(matrixFromRows([[1]]), { threshold: 0 })).rejects.toThrow('threshold');
  });
});
