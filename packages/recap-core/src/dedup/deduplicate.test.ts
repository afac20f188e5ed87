import { createHasher } from '@matome/primitives/hashing';
import { createRandom, shuffle } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DedupDocument, deduplicate } from './deduplicate.js';

const words =
  'harbour ferry council storm pier island winter price engine school river market bridge doctor garden letter minister station window forest'.split(
    ' ',
  );

/** Text of made-up words, the same for the same seed. */
function prose(seed: number, length: number): string {
  const random = createRandom(seed);
  return Array.from({ length }, () => words[Math.floor(random() * words.length)]! + Math.floor(random() * 40)).join(
    ' ',
  );
}

/** Replaces one word in `every`. */
function edit(text: string, every: number, seed: number): string {
  const random = createRandom(seed);
  return text
    .split(' ')
    .map((word) => (random() < 1 / every ? `x${Math.floor(random() * 1000)}` : word))
    .join(' ');
}

const base = prose(1, 160);
const doc = (id: string, text: string, day = 1): DedupDocument => ({
  id,
  text,
  publishedAt: new Date(Date.UTC(2025, 0, day)),
});
const groupsOf = (documents: DedupDocument[]) => deduplicate(documents).groups;

describe('deduplicate', () => {
  it('finds exact copies whatever their white space and width', () => {
    const groups = groupsOf([doc('a', base), doc('b', `  ${base.replaceAll(' ', '\n ')}`), doc('c', prose(2, 160))]);
    expect(groups).toEqual([
      { primaryId: 'a', duplicates: [{ id: 'b', similarity: 1, exact: true, reason: 'exact' }] },
    ]);
  });

  it.each([
    ['shifted by a new beginning', `${prose(3, 12)} ${base}`],
    ['cut at the end', base.split(' ').slice(0, 130).join(' ')],
    ['wrapped in boilerplate', `Subscribe to our newsletter. ${base} All rights reserved.`],
    ['edited in one word of twelve', edit(base, 12, 5)],
    ['shouted', base.toUpperCase()],
  ])('finds a copy that is %s', (_, copy) => {
    const [group] = groupsOf([doc('a', base), doc('b', copy), doc('c', prose(4, 160))]);
    expect(group?.duplicates.map((member) => [member.id, member.reason])).toEqual([['b', 'near']]);
  });

  it('finds a text that stands whole inside a longer one and says so', () => {
    const part = base.split(' ').slice(0, 60).join(' ');
    const [group] = groupsOf([doc('a', base), doc('b', part)]);
    expect(group?.duplicates[0]).toMatchObject({ id: 'b', reason: 'contained', similarity: 1 });
  });

  it.each([0.65, 0.7, 0.8])('finds an edited copy that keeps the first %d of the text', (share) => {
    const cut = edit(base, 25, 11)
      .split(' ')
      .slice(0, share * 160)
      .join(' ');
    const [group] = groupsOf([doc('a', base), doc('b', `Harbour — ${cut}`), doc('c', prose(4, 160))]);
    expect(group?.duplicates.map((member) => member.id)).toEqual(['b']);
  });

  it('keeps a text apart that goes on for as long again behind an edited copy of another', () => {
    const update = `${edit(base, 25, 11)} ${prose(12, 200)}`;
    expect(groupsOf([doc('a', base), doc('b', update)])).toEqual([]);
  });

  it('keeps a text spliced from two others apart from both', () => {
    const other = prose(6, 160);
    const splice = `${base.split(' ').slice(0, 80).join(' ')} ${other.split(' ').slice(80).join(' ')}`;
    expect(groupsOf([doc('a', base), doc('b', other), doc('c', splice)])).toEqual([]);
  });

  it('keeps reports apart that were written from one template', () => {
    const report = (model: string, version: string, day: number, hours: string) =>
      `The operator will start to update the telephone ${model} on ${day} June at ${hours}. With the new version ${version} it no longer stops when a call comes in while the camera is open, and the battery is charged as fast as before. The update takes about fifteen minutes and needs ${day + 31} MB of free memory; whoever has chosen automatic updates gets it in the night to the ${day + 1}. Questions are answered under ${day}${day}-${day + 3}-${hours}, in the shops, and on the pages of the operator.`;
    const [a, b] = [report('SC-02C', '2.3.6', 4, '10am'), report('N04D', '7b', 21, '9pm')];
    expect(groupsOf([doc('a', a), doc('b', b)])).toEqual([]);
    expect(deduplicate([doc('a', a), doc('b', b)], { minSharedNumbers: 0 }).groups).toHaveLength(1);
    const edited = a.replace('fifteen minutes', 'a quarter of an hour').replace('10am', 'noon');
    expect(groupsOf([doc('a', a), doc('b', edited)])).toHaveLength(1);
  });

  it('keeps headlines apart that share a phrase', () => {
    expect(
      groupsOf([doc('a', 'Central bank raises interest rates today'), doc('b', 'Central bank raises its own roof')]),
    ).toEqual([]);
  });

  it('works on Japanese, by characters', () => {
    const text =
      '北港市は月曜日、二年前の嵐で失われた桟橋に代わる新しい桟橋を開いた。式典には約四百人が集まり、最初の船の到着を見守った。工事費は十一億円で、その半分は保険金でまかなわれた。';
    const edited = text.replace('約四百人', 'およそ四百人').replace('月曜日', '火曜日');
    const other =
      '南部の山地では週末に大雨が予想され、気象台は土砂災害への警戒を呼びかけている。鉄道各社は運転の見合わせも検討しているという。';
    const [group, ...rest] = groupsOf([doc('a', text), doc('b', edited), doc('c', other)]);
    expect([group?.primaryId, group?.duplicates[0]?.id, rest.length]).toEqual(['a', 'b', 0]);
  });

  it('chooses the newest, the oldest or the longest as the primary', () => {
    const documents = [doc('a', base, 2), doc('b', `${base} extra words`, 1), doc('c', base, 3)];
    const primary = (choice: 'newest' | 'oldest' | 'longest') =>
      deduplicate(documents, { primary: choice }).groups[0]?.primaryId;
    expect([primary('newest'), primary('oldest'), primary('longest')]).toEqual(['c', 'b', 'b']);
    expect(
      deduplicate([
        { id: 'y', text: base },
        { id: 'x', text: base },
      ]).groups[0]?.primaryId,
    ).toBe('x');
  });

  it('keeps one document of each group, in the order given', () => {
    const documents = [doc('z', prose(9, 50)), doc('a', base, 1), doc('b', base, 2), doc('c', prose(8, 50))];
    expect(deduplicate(documents).selected.map((document) => document.id)).toEqual(['z', 'b', 'c']);
  });

  it('never groups texts without a letter or a digit', () => {
    expect(groupsOf([doc('a', ''), doc('b', ''), doc('c', ' \n'), doc('d', '…'), doc('e', '…')])).toEqual([]);
  });

  it('gives the same groups in whatever order the documents come', () => {
    const documents = [1, 2, 3, 4, 5].flatMap((seed) => {
      const text = prose(20 + seed, 90);
      return [
        doc(`${seed}a`, text, seed),
        doc(`${seed}b`, edit(text, 15, seed), 2),
        doc(`${seed}c`, `${text} More news here.`, 3),
      ];
    });
    const expected = deduplicate(documents).groups;
    expect(expected).toHaveLength(5);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(deduplicate(shuffle(documents, createRandom(seed))).groups).toEqual(expected);
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  it('links every member of a large group to it', () => {
    const documents = Array.from({ length: 200 }, (_, i) => doc(String(i), edit(base, 40, i)));
    const groups = groupsOf(documents);
    expect(groups.map((group) => group.duplicates.length)).toEqual([199]);
  });

  it('takes XXH64 as its hash and finds the same', async () => {
    const documents = [doc('a', base), doc('b', base), doc('c', edit(base, 20, 1))];
    expect(deduplicate(documents, { hash: await createHasher() })).toEqual(deduplicate(documents));
  });

  it('confirms equal hashes on the texts', () => {
    const documents = [doc('a', prose(1, 30)), doc('b', prose(2, 30))];
    expect(deduplicate(documents, { hash: () => 1n }).groups).toEqual([]);
  });

  it('refuses repeated ids and thresholds outside [0, 1]', () => {
    expect(() => deduplicate([doc('a', 'x'), doc('a', 'y')])).toThrow('must have different ids. Got "a" twice.');
    expect(() => deduplicate([], { minCoverage: 2 })).toThrow(
      'The minCoverage option of deduplicate must be a number in [0, 1]. Got 2.',
    );
  });
});
