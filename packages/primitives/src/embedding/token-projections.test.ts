import { describe, expect, it } from 'vitest';
import { TokenProjections } from './token-projections.js';

/** Projects an id to [id, -id] and notes which ids it was asked for. */
function recording(maxTokens?: number) {
  const asked: number[][] = [];
  const project = async (ids: Int32Array) => {
    asked.push([...ids]);
    return Float32Array.from([...ids].flatMap((id) => [id, -id]));
  };
  return { asked, projections: new TokenProjections(2, project, maxTokens) };
}

/** What a run would read for its tokens. */
const read = (table: Float32Array, rows: Int32Array) => [...rows].map((row) => [table[2 * row], table[2 * row + 1]]);

const expected = (ids: readonly number[]) => ids.map((id) => [id, -id]);

async function seen(projections: TokenProjections, ids: readonly number[]) {
  return projections.use(Int32Array.from(ids), async (table, rows) => read(table, rows));
}

describe('TokenProjections', () => {
  it('projects every token once and hands it to all its places', async () => {
    const { asked, projections } = recording();
    expect(await seen(projections, [5, 7, 5])).toEqual(expected([5, 7, 5]));
    expect(await seen(projections, [7, 9, 7, 5])).toEqual(expected([7, 9, 7, 5]));
    expect(asked).toEqual([[5, 7], [9]]);
    expect(projections.size).toBe(3);
  });

  it('asks for nothing when a batch is empty', async () => {
    const { asked, projections } = recording();
    expect(await seen(projections, [])).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('starts anew with the batch at hand when it is full', async () => {
    const { asked, projections } = recording(3);
    await seen(projections, [1, 2]);
    expect(await seen(projections, [2, 3, 4])).toEqual(expected([2, 3, 4]));
    expect(asked).toEqual([
      [1, 2],
      [2, 3, 4],
    ]);
    expect(projections.size).toBe(3);
  });

  it('takes a batch of more tokens than it keeps', async () => {
    const { projections } = recording(2);
    expect(await seen(projections, [1, 2, 3, 4, 5])).toEqual(expected([1, 2, 3, 4, 5]));
    expect(await seen(projections, [9, 1])).toEqual(expected([9, 1]));
  });

  it('leaves a table alone while a run reads it', async () => {
    const { projections } = recording(2);
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = projections.use(Int32Array.of(1, 2), async (table, rows) => {
      await held;
      return read(table, rows);
    });
    expect(await seen(projections, [3, 4])).toEqual(expected([3, 4]));
    go();
    expect(await slow).toEqual(expected([1, 2]));
  });

  it('forgets on demand, but not what a run reads', async () => {
    const { asked, projections } = recording();
    await projections.use(Int32Array.of(1, 2), async (table, rows) => {
      projections.clear();
      expect(read(table, rows)).toEqual(expected([1, 2]));
    });
    expect(projections.size).toBe(0);
    expect(await seen(projections, [2])).toEqual(expected([2]));
    expect(asked).toEqual([[1, 2], [2]]);
  });

  it('serves batches at the same time that together do not fit', async () => {
    const { projections } = recording(3);
    const batches = Array.from({ length: 12 }, (_, i) => [i + 1, i + 2, 1 + ((i * 5) % 7)]);
    const found = await Promise.all(batches.map((ids) => seen(projections, ids)));
    expect(found).toEqual(batches.map(expected));
  });

  it('hands on the fault of projecting and of a run, and works after it', async () => {
    let broken = true;
    const projections = new TokenProjections(1, async (ids) => {
      if (broken) throw new Error('no room');
      return Float32Array.from(ids);
    });
    const ids = Int32Array.of(6);
    await expect(projections.use(ids, async () => 0)).rejects.toThrow('no room');
    broken = false;
    await expect(projections.use(ids, () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
    expect(await projections.use(ids, async (table, rows) => table[rows[0]!])).toBe(6);
  });
});
