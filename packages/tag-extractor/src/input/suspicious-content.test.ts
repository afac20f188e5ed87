import { describe, expect, it } from 'vitest';
import { isSuspicious } from './suspicious-content.js';

const words = 'the quick brown fox jumps over a lazy dog while it rains on old roofs';

describe('isSuspicious', () => {
  it('counts signs and capitals of ASCII as those of other text', () => {
    for (const rest of ['', ' é']) {
      expect(isSuspicious(`${words} ${words}${rest}`)).toBe(false);
      expect(isSuspicious(`WHY ARE YOU SHOUTING AT ME ${rest}`)).toBe(true);
      expect(isSuspicious(`${words} ${'#$%&'.repeat(9)}${rest}`)).toBe(true);
      expect(isSuspicious(`1 2 3 4 5 6 7 8 9 10\t11\n12${rest}`)).toBe(false);
    }
  });
  it('allows three signs in ten characters', () => {
    expect(isSuspicious('abcdefg...')).toBe(false);
    expect(isSuspicious('abcdef....')).toBe(true);
  });
});
