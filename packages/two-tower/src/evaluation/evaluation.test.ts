import type { CsrMatrix, Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interactionMatrix, itemCounts, transposeCsr } from '../data/interactions.js';
import { invertPositiveDefinite } from './cholesky-inverse.js';
import { easeScorer } from './ease.js';
import { itemKnnScorer } from './item-knn.js';
import { popularityScorer } from './popularity.js';
import { evaluateRetrieval, type Scorer } from './retrieval.js';

function randomInteractions(users: number, items: number, share: number, seed: number): CsrMatrix {
  const random = createRandom(seed);
  const userRows: number[] = [];
  const itemRows: number[] = [];
  for (let u = 0; u < users; u++) {
    for (let i = 0; i < items; i++) {
      if (random() >= share) continue;
      userRows.push(u);
      itemRows.push(i);
    }
  }
  return interactionMatrix({ userRows, itemRows }, users, items);
}

const fixed =
  (scores: number[][]): Scorer =>
  (rows) => ({
    data: Float32Array.from([...rows].flatMap((r) => scores[r]!)),
    rows: rows.length,
    cols: scores[0]!.length,
  });

function dense(matrix: CsrMatrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, r) => {
    const row = new Array<number>(matrix.cols).fill(0);
    for (let k = matrix.indptr[r]!; k < matrix.indptr[r + 1]!; k++) row[matrix.indices[k]!] = 1;
    return row;
  });
}

describe('interactionMatrix', () => {
  it('counts a repeated pair once and sorts the items of a user', () => {
    const matrix = interactionMatrix({ userRows: [1, 1, 0, 1], itemRows: [3, 0, 2, 3] }, 3, 4);
    expect([...matrix.indptr]).toEqual([0, 1, 3, 3]);
    expect([...matrix.indices]).toEqual([2, 0, 3]);
    expect([...itemCounts(matrix)]).toEqual([1, 0, 1, 1]);
    expect(transposeCsr(transposeCsr(matrix))).toEqual(matrix);
  });

  it('refuses lists that do not fit', () => {
    expect(() => interactionMatrix({ userRows: [0], itemRows: [] }, 1, 1)).toThrow(
      'as many users as items. Got 1 and 0.',
    );
    expect(() => interactionMatrix({ userRows: [0], itemRows: [2] }, 1, 2)).toThrow('Pair 0 is (0, 2).');
  });
});

describe('evaluateRetrieval', () => {
  it('works the metrics out as by hand', async () => {
    const relevant = interactionMatrix({ userRows: [0, 0, 1], itemRows: [1, 3, 0] }, 3, 5);
    const seen = interactionMatrix({ userRows: [0, 1, 2], itemRows: [0, 1, 0] }, 3, 5);
    const scores = [
      [9, 3, 5, 4, 1],
      [1, 9, 3, 5, 4],
      [0, 0, 0, 0, 0],
    ];
    const report = await evaluateRetrieval(fixed(scores), { relevant, seen }, { ks: [1, 3] });
    expect(report.users).toBe(2);
    // User 0 gets 2, 3, 1 of which 3 and 1 are wanted; user 1 gets 3, 4, 2, nothing of which is.
    expect(report.at[1]).toMatchObject({ recall: 0, ndcg: 0, hitRate: 0, coverage: 2 / 5 });
    const gain = (1 / Math.log2(3) + 1 / 2) / (1 + 1 / Math.log2(3));
    expect(report.at[3]!.recall).toBeCloseTo(0.5, 12);
    expect(report.at[3]!.ndcg).toBeCloseTo(gain / 2, 12);
    expect(report.at[3]!.hitRate).toBe(0.5);
    expect(report.at[3]!.coverage).toBe(4 / 5);
    // Pairs of user 0: (1, 2) no, (1, 4) yes, (3, 2) no, (3, 4) yes; of user 1: 0 is below all three.
    expect(report.auc).toBeCloseTo((0.5 + 0) / 2, 12);
  });

  it('measures popularity against what users chose', async () => {
    const seen = interactionMatrix({ userRows: [0, 1, 2, 2], itemRows: [0, 0, 0, 1] }, 3, 3);
    const relevant = interactionMatrix({ userRows: [0, 1], itemRows: [1, 2] }, 3, 3);
    const { at } = await evaluateRetrieval(popularityScorer(seen), { relevant, seen }, { ks: [1] });
    // Both users get item 1, which has one user; what they chose has three.
    expect(at[1]!.popularityLift).toBeCloseTo(1 / 3, 12);
    expect(at[1]!.recall).toBe(0.5);
  });

  it('lets only candidates compete and leaves out users with nothing to find', async () => {
    const relevant = interactionMatrix({ userRows: [0], itemRows: [2] }, 2, 4);
    const task = { relevant, candidates: [2, 3] };
    const { at, users } = await evaluateRetrieval(
      fixed([
        [9, 9, 1, 2],
        [0, 0, 0, 0],
      ]),
      task,
      { ks: [1, 2, 10] },
    );
    expect(users).toBe(1);
    expect([at[1]!.recall, at[2]!.recall, at[10]!.recall]).toEqual([0, 1, 1]);
    expect(at[10]!.coverage).toBe(1);
  });

  it('counts ties half in the area and ranks them by index', async () => {
    const relevant = interactionMatrix({ userRows: [0], itemRows: [2] }, 1, 3);
    const { auc, at } = await evaluateRetrieval(fixed([[1, 1, 1]]), { relevant }, { ks: [2] });
    expect(auc).toBe(0.5);
    expect(at[2]!.recall).toBe(0);
  });

  it('is perfect for a scorer that knows the answer, whatever the batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 5 }), async (seed, batchSize) => {
        const relevant = randomInteractions(6, 12, 0.3, seed);
        const report = await evaluateRetrieval(fixed(dense(relevant)), { relevant }, { ks: [12], batchSize });
        if (report.users === 0) return;
        expect(report.at[12]!.ndcg).toBeCloseTo(1, 12);
        expect(report.at[12]!.recall).toBeCloseTo(1, 12);
      }),
    );
  });

  it('stops when told to and refuses what does not fit', async () => {
    const relevant = randomInteractions(5, 5, 0.5, 1);
    const scorer = fixed(dense(relevant));
    await expect(
      evaluateRetrieval(scorer, { relevant }, { signal: AbortSignal.abort(new Error('stop')) }),
    ).rejects.toThrow('stop');
    await expect(evaluateRetrieval(scorer, { relevant }, { ks: [0] })).rejects.toThrow(
      'The ks option of evaluateRetrieval',
    );
    await expect(evaluateRetrieval(scorer, { relevant, seen: randomInteractions(4, 5, 0.5, 1) })).rejects.toThrow(
      'must have one size',
    );
    await expect(evaluateRetrieval(scorer, { relevant, candidates: [5] })).rejects.toThrow(
      'The candidates of evaluateRetrieval must be rows of 5 items. Got 5.',
    );
    for (const [name, other] of Object.entries({
      easeScorer: easeScorer(relevant),
      itemKnnScorer: itemKnnScorer(relevant),
    })) {
      expect(() => other(Uint32Array.of(5))).toThrow(`The rows given to ${name} must be of 5 users. Got 5.`);
    }
    const narrow = (): Matrix => ({ data: new Float32Array(0), rows: 0, cols: 0 });
    await expect(evaluateRetrieval(narrow, { relevant })).rejects.toThrow(/must be \d × 5\. Got 0 × 0\./);
  });
});

describe('invertPositiveDefinite', () => {
  it.each([1, 2, 47, 48, 49, 131])('inverts a random matrix of %i rows', (n) => {
    const random = createRandom(n);
    const root = Float64Array.from({ length: n * n }, () => normalSample(random));
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = i === j ? 1 : 0;
        for (let k = 0; k < n; k++) sum += root[i * n + k]! * root[j * n + k]!;
        a[i * n + j] = sum;
      }
    }
    const inverse = a.slice();
    invertPositiveDefinite(inverse, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k]! * inverse[k * n + j]!;
        expect(Math.abs(sum - (i === j ? 1 : 0))).toBeLessThan(1e-8);
      }
    }
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => invertPositiveDefinite(Float64Array.of(1, 2, 2, 1), 2)).toThrow('must be positive definite. Row 1');
  });
});

describe('easeScorer', () => {
  it('gives the same scores by way of users and of items, and those of the definition', async () => {
    const train = randomInteractions(9, 14, 0.3, 4);
    const wide = await easeScorer(train, { lambda: 2 })(Uint32Array.from([0, 3, 8]));
    const x = dense(train);
    const p = new Float64Array(14 * 14);
    for (let i = 0; i < 14; i++) {
      for (let j = 0; j < 14; j++)
        p[i * 14 + j] = (i === j ? 2 : 0) + x.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
    }
    invertPositiveDefinite(p, 14);
    [0, 3, 8].forEach((user, r) => {
      for (let j = 0; j < 14; j++) {
        let sum = 0;
        for (let i = 0; i < 14; i++) if (i !== j) sum += (x[user]![i]! * p[i * 14 + j]!) / -p[j * 14 + j]!;
        expect(wide.data[r * 14 + j]).toBeCloseTo(sum, 5);
      }
    });
    // Adding users without any item changes nothing but makes the items the smaller side.
    const tall: CsrMatrix = {
      ...train,
      rows: 20,
      indptr: Uint32Array.from({ length: 21 }, (_, u) => train.indptr[Math.min(u, 9)]!),
    };
    const byItems = await easeScorer(tall, { lambda: 2 })(Uint32Array.from([0, 3, 8]));
    byItems.data.forEach((score, i) => {
      expect(score).toBeCloseTo(wide.data[i]!, 5);
    });
  });

  it('refuses a matrix too large to invert', () => {
    expect(() => easeScorer(randomInteractions(9, 14, 0.3, 4), { maxSize: 8 })).toThrow('at most 8. Got 9 × 14.');
    expect(() => easeScorer(randomInteractions(2, 2, 1, 1), { lambda: 0 })).toThrow('The lambda option of easeScorer');
  });
});

describe('itemKnnScorer', () => {
  it('sums the cosines to the nearest items', async () => {
    const train = randomInteractions(12, 8, 0.4, 2);
    const x = dense(train);
    const column = (j: number) => x.map((row) => row[j]!);
    const cosine = (a: number[], b: number[]) => {
      const shared = a.reduce((sum, v, i) => sum + v * b[i]!, 0);
      return shared === 0 ? 0 : shared / Math.sqrt(a.reduce((s, v) => s + v, 0) * b.reduce((s, v) => s + v, 0));
    };
    const scores = await itemKnnScorer(train)(Uint32Array.of(5));
    for (let j = 0; j < 8; j++) {
      let sum = 0;
      for (let i = 0; i < 8; i++) if (i !== j && x[5]![i]) sum += cosine(column(i), column(j));
      expect(scores.data[j]).toBeCloseTo(sum, 5);
    }
    const one = await itemKnnScorer(train, { k: 1 })(Uint32Array.of(5));
    expect(one.data.reduce((a, b) => a + b)).toBeLessThan(scores.data.reduce((a, b) => a + b));
  });
});
