import { describe, expect, it } from 'vitest';
import {
  type Cooperative,
  DeadlineExceededError,
  mapConcurrent,
  type Progress,
  runAsync,
  runSync,
  withDeadline,
} from './index.js';

function* count(to: number, onClose?: () => void): Cooperative<number> {
  try {
    for (let i = 1; i <= to; i++) yield { stage: 'count', completed: i, total: to };
    return to;
  } finally {
    onClose?.();
  }
}

describe('runSync', () => {
  it('returns the result and reports progress', () => {
    const seen: Progress[] = [];
    expect(runSync(count(3), (p) => seen.push(p))).toBe(3);
    expect(seen.map((p) => p.completed)).toEqual([1, 2, 3]);
  });
});

describe('withDeadline', () => {
  it('stops at the first yield after the time and closes the task', () => {
    let time = 0;
    let closed = false;
    const task = withDeadline(
      count(100, () => (closed = true)),
      3,
      () => time++,
    );
    expect(() => runSync(task)).toThrow(DeadlineExceededError);
    expect(closed).toBe(true);
  });
  it('lets a quick task through', () => {
    expect(runSync(withDeadline(count(2), 10, () => 0))).toBe(2);
  });
});

describe('runAsync', () => {
  it('gives way to other work between slices', async () => {
    let turns = 0;
    const ticking = setImmediate(function tick() {
      turns++;
      if (turns < 3) setImmediate(tick);
    });
    await runAsync(count(50), { sliceMs: 0 });
    clearImmediate(ticking);
    expect(turns).toBeGreaterThan(1);
  });
  it('throws the reason of an abort and closes the task', async () => {
    const controller = new AbortController();
    let closed = false;
    const run = runAsync(
      count(1e9, () => (closed = true)),
      {
        signal: controller.signal,
        onProgress: ({ completed }) => completed === 5 && controller.abort(new Error('enough')),
      },
    );
    await expect(run).rejects.toThrow('enough');
    expect(closed).toBe(true);
  });
});

describe('mapConcurrent', () => {
  it('keeps order and the limit, also over an async source', async () => {
    let active = 0;
    let peak = 0;
    async function* source() {
      for (let i = 0; i < 10; i++) yield i;
    }
    const result = await mapConcurrent(source(), 3, async (n) => {
      peak = Math.max(peak, ++active);
      await new Promise((resolve) => setImmediate(resolve));
      active--;
      return n * n;
    });
    expect(result).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    expect(peak).toBe(3);
  });
  it('stops pulling at the first failure and throws it', async () => {
    let pulled = 0;
    function* source() {
      for (;;) yield pulled++;
    }
    await expect(
      mapConcurrent(source(), 2, async (n) => {
        if (n === 4) throw new Error('four');
        return n;
      }),
    ).rejects.toThrow('four');
    expect(pulled).toBeLessThan(10);
  });
  it('refuses a concurrency of zero', async () => {
    await expect(mapConcurrent([1], 0, async (n) => n)).rejects.toThrow('The concurrency option of mapConcurrent');
  });
});
