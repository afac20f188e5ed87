import { describe, expect, it } from 'vitest';
import { pearson, spearman } from './correlation.js';

describe('correlation', () => {
  it('is 1 for any line and -1 for a falling one', () => {
    expect(pearson([1, 2, 3], [5, 7, 9])).toBeCloseTo(1, 12);
    expect(pearson([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  });

  it('looks at ranks only, ties sharing their mean rank', () => {
    expect(spearman([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
    // scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4]).statistic
    expect(spearman([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(0.9486832980505138, 12);
  });
});
