import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import kuromoji, { type IpadicFeatures, type Tokenizer } from 'kuromoji';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LookingUp, quickenLookups, wordsAtStart } from './japanese-lookups.js';

const dicPath = join(dirname(createRequire(import.meta.url).resolve('kuromoji/package.json')), 'dict');
const build = () =>
  new Promise<Tokenizer<IpadicFeatures>>((resolve, reject) => {
    kuromoji.builder({ dicPath }).build((error, built) => (error ? reject(error) : resolve(built)));
  });

let plain: Tokenizer<IpadicFeatures>;
let quick: Tokenizer<IpadicFeatures>;
beforeAll(async () => {
  plain = await build();
  // The same dictionary under another analyser, so that it is held once.
  quick = Object.create(plain) as Tokenizer<IpadicFeatures>;
  const { viterbi_builder, token_info_dictionary } = plain as unknown as LookingUp;
  Object.assign(quick, {
    viterbi_builder: Object.create(viterbi_builder) as object,
    token_info_dictionary: Object.create(token_info_dictionary) as object,
  });
  quickenLookups(quick as unknown as LookingUp);
}, 30_000);

describe('quickenLookups', () => {
  it('gives the tokens of the bare analyser', () => {
    const texts = [
      '',
      '日本銀行は30日、政策金利を引き上げると発表した。',
      'すもももももももものうち',
      'ＮＴＴドコモのSC-02Cが２万台売れた(推定)……',
      '吾輩は猫である。名前はまだ無い。',
      'ﾊﾝｶｸｶﾅ と café, naïve − ©2024 〓㐂',
      'ァ'.repeat(60),
    ];
    for (const text of texts) expect(quick.tokenize(text)).toEqual(plain.tokenize(text));
    const character = fc.oneof(
      fc.constantFrom(...'日本経済の発表するがでにはを、。ーアイウエオァッabcXYZ0123 　・-々〆ヶ'),
      fc.integer({ min: 0x20, max: 0xd7ff }).map((code) => String.fromCharCode(code)),
    );
    fc.assert(
      fc.property(fc.array(character, { maxLength: 40 }), (characters) => {
        const text = characters.join('');
        expect(quick.tokenize(text)).toEqual(plain.tokenize(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('wordsAtStart', () => {
  it('gives number and end of each word, shortest first', () => {
    // Cells of "a" and "ab": the root steps to a at 1 + 97, that to b and to the ends of both words.
    const [base, check] = [new Map<number, number>(), new Map<number, number>()];
    const put = (cell: number, owner: number, value: number) => base.set(cell, value) && check.set(cell, owner);
    base.set(0, 1);
    put(98, 0, 200);
    put(200, 98, -1 - 7);
    put(298, 98, 400);
    put(400, 298, -1 - 9);
    const cells = {
      getBase: (cell: number) => base.get(cell) ?? 1e6,
      getCheck: (cell: number) => check.get(cell) ?? -1,
    };
    expect(wordsAtStart(cells, 'xabc', 1)).toEqual([7, 2, 9, 3]);
    expect(wordsAtStart(cells, 'xabc', 0)).toEqual([]);
    expect(wordsAtStart(cells, 'a', 1)).toEqual([]);
  });
});
