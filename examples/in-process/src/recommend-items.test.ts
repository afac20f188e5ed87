import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Purchase, recommendItems } from './recommend-items.js';

/** Readers of four shelves who took half of their shelf, in an order of their own. */
function purchases(): Purchase[] {
  return Array.from({ length: 40 }, (_, u) =>
    Array.from({ length: 8 }, (_, k) => ({
      userId: `reader ${u}`,
      itemId: `shelf ${u % 4}, book ${(3 * u + 5 * k) % 16}`,
      decisionTs: new Date(Date.UTC(2024, 0, 1 + k)),
    })),
  ).flat();
}

describe('recommendItems', () => {
  it('finds new books of the shelf of a reader', async () => {
    const { recommend, recall, easeRecall } = await recommendItems(purchases(), 5);
    const books = await recommend('reader 6');
    expect(books).toHaveLength(5);
    expect(books.every((book) => book.startsWith('shelf 2,'))).toBe(true);
    const own = purchases().filter(({ userId }) => userId === 'reader 6');
    expect(own.some(({ itemId }) => books.includes(itemId))).toBe(false);
    expect(recall).toBeGreaterThan(0.3);
    expect(easeRecall).toBeGreaterThan(0.3);
  });

  it('is the program of the guide', async () => {
    const [guide, program] = await Promise.all(
      ['../../../docs/guides/two-tower.md', './recommend-items.ts'].map((path) =>
        readFile(new URL(path, import.meta.url), 'utf8'),
      ),
    );
    expect(guide).toContain(program);
  });
});
