import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentSentences, splitSentences } from './index.js';

const english = (text: string) => splitSentences(text, 'en');
const japanese = (text: string) => splitSentences(text, 'ja');

describe('splitSentences in English', () => {
  it('does not cut after titles, initials and dotted abbreviations', () => {
    expect(english('Dr. Smith met J. R. Jones. They talked.')).toEqual(['Dr. Smith met J. R. Jones.', 'They talked.']);
    expect(english('The U.S. Senate voted. It passed.')).toEqual(['The U.S. Senate voted.', 'It passed.']);
    expect(english('He lives in the U.S. She does not.')).toEqual(['He lives in the U.S.', 'She does not.']);
    expect(english('Methods, e.g. Newton, work. See Fig. 3 for more.')).toEqual([
      'Methods, e.g. Newton, work.',
      'See Fig. 3 for more.',
    ]);
    expect(english('Acme Inc. Japan fell. Acme Inc. The end.')).toEqual([
      'Acme Inc. Japan fell.',
      'Acme Inc.',
      'The end.',
    ]);
    expect(english('It opened at 9 a.m. on Monday. Doors closed.')).toEqual([
      'It opened at 9 a.m. on Monday.',
      'Doors closed.',
    ]);
  });
  it('does not cut inside numbers, addresses and ellipses that go on', () => {
    expect(english('Pi is 3.14 at example.com today. Yes!')).toEqual(['Pi is 3.14 at example.com today.', 'Yes!']);
    expect(english('Well... maybe not. Fine.')).toEqual(['Well... maybe not.', 'Fine.']);
  });
  it('keeps closing quotes and brackets with their sentence', () => {
    expect(english('"Stop!" he cried. "Why?" She left. (It rained.) Then sun.')).toEqual([
      '"Stop!" he cried.',
      '"Why?"',
      'She left.',
      '(It rained.)',
      'Then sun.',
    ]);
  });
  it('cuts at line ends but not where lines are wrapped at a column', () => {
    expect(english('A headline\nThe first sentence.')).toEqual(['A headline', 'The first sentence.']);
    const wrapped =
      'This text was wrapped by a program at some fixed column\nso that the ends of its lines mean nothing. It goes on and\nEnds Here.';
    expect(english(wrapped)).toHaveLength(2);
  });
});

describe('splitSentences in Japanese', () => {
  it('cuts after full stops and marks', () => {
    expect(japanese('雨だ。本当？はい！終わり')).toEqual(['雨だ。', '本当？', 'はい！', '終わり']);
  });
  it('keeps a quotation inside its sentence', () => {
    expect(japanese('彼は「行く。必ず行く。」と言った。そして去った。')).toEqual([
      '彼は「行く。必ず行く。」と言った。',
      'そして去った。',
    ]);
    expect(japanese('「行く。」彼は去った。')).toEqual(['「行く。」', '彼は去った。']);
  });
  it('survives a bracket that is never closed', () => {
    expect(japanese('「行く。彼は去った。')).toEqual(['「行く。', '彼は去った。']);
  });
  it('does not cut a decimal or a Latin name', () => {
    expect(japanese('3.5兆円をexample.comに払う。次。')).toEqual(['3.5兆円をexample.comに払う。', '次。']);
  });
  it('cuts at every line end', () => {
    expect(japanese('見出し\n本文')).toEqual(['見出し', '本文']);
  });
});

describe('segmentSentences', () => {
  it('gives no sentence for an empty or blank text', () => {
    expect(segmentSentences('', 'en')).toEqual([]);
    expect(segmentSentences(' \n\t ', 'ja')).toEqual([]);
  });
  it('gives exact offsets, in order, and loses nothing but white space', () => {
    const part = fc.constantFrom(
      'Dr. ',
      'A b. ',
      'x',
      '。',
      '「',
      '」',
      '\n',
      ' ',
      '! ',
      '3.5',
      '"',
      '…',
      'と',
      '（',
      '）',
      '?',
      'U.S. ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), fc.constantFrom('en', 'ja', 'und'), (parts, language) => {
        const text = parts.join('');
        let at = 0;
        for (const sentence of segmentSentences(text, language as 'en')) {
          expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text);
          expect(text.slice(at, sentence.start).trim()).toBe('');
          expect(sentence.text).toBe(sentence.text.trim());
          expect(sentence.text).not.toBe('');
          at = sentence.end;
        }
        expect(text.slice(at).trim()).toBe('');
      }),
      { numRuns: 500 },
    );
  });
  it('reads hostile text in linear time', () => {
    for (const unit of ['.', 'a.', '「', '」', '. ', '\n', 'Dr. ', '。', '"', 'x']) {
      const start = performance.now();
      segmentSentences(unit.repeat(300_000), 'ja');
      segmentSentences(unit.repeat(300_000), 'en');
      expect(performance.now() - start).toBeLessThan(4000);
    }
  });
});
