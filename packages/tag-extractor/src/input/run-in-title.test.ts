import { describe, expect, it } from 'vitest';
import { runInTitleEnd } from './run-in-title.js';

function titleOf(text: string): string {
  return text.slice(0, runInTitleEnd(text));
}

describe('runInTitleEnd', () => {
  it('ends a title before a capitalised word that starts sentences', () => {
    expect(titleOf('Growth of solar power The share of solar power rose.')).toBe('Growth of solar power');
    expect(titleOf('Cheap Sensors for Old Bridges We built sensors.')).toBe('Cheap Sensors for Old Bridges');
  });
  it('ends a title in small letters before a word that the text writes small elsewhere', () => {
    expect(titleOf('A map of heavy traffic Traffic is heavy where traffic lights fail.')).toBe(
      'A map of heavy traffic',
    );
  });
  it('ends a title at its question mark', () => {
    expect(titleOf('Who needs more bridges? Rivers are wide.')).toBe('Who needs more bridges?');
  });
  it('finds none in running text', () => {
    expect(runInTitleEnd('The bank raised its rate on Monday. The rate stands at two percent.')).toBe(0);
    expect(runInTitleEnd('Shares of Apple products fell after The Times reported on it.')).toBe(0);
    expect(runInTitleEnd('')).toBe(0);
  });
  it('takes articles after a preposition for a part of a title', () => {
    expect(runInTitleEnd('Notes from The long night, read aloud.')).toBe(0);
  });
});
