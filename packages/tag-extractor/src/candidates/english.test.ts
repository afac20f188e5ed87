import { loadEnglishTagger } from '@matome/primitives/text';
import { describe, expect, it } from 'vitest';
import { analyzeEnglish } from './english.js';

async function analyze(body: string, title = '') {
  const { tag } = await loadEnglishTagger();
  return analyzeEnglish({ title, body }, tag);
}
async function names(body: string): Promise<string[]> {
  return (await analyze(body)).candidates.map(({ name }) => name);
}

describe('analyzeEnglish', () => {
  it('finds noun phrases whole and in parts, and phrases linked by of', async () => {
    const found = await names('The researchers study artificial neural networks and the structure of water.');
    expect(found).toEqual(
      expect.arrayContaining(['artificial neural networks', 'neural networks', 'structure of water', 'researchers']),
    );
  });
  it('takes hyphenated words as one', async () => {
    expect(await names('A high-speed rail link opened.')).toEqual(
      expect.arrayContaining(['high-speed rail link', 'rail link']),
    );
  });
  it('leaves out function words, pure numbers, months and weekdays', async () => {
    const found = await names('On Monday it sold 300 other such things in March for 2024.');
    for (const name of ['Monday', 'March', '300', '2024', 'other such things', 'such things'])
      expect(found).not.toContain(name);
  });
  it('does not reach over the end of a sentence or of the title', async () => {
    const { candidates } = await analyze('Rates rose. Prices fell.', 'Central bank');
    expect(candidates.map(({ name }) => name)).not.toContain('bank Rates');
  });
  it('meets inflected, hyphenated and British forms under one candidate, named by the most frequent', async () => {
    const { candidates } = await analyze(
      'The data-base optimisation helps. A database helps. Database optimizations help the database.',
    );
    const database = candidates.find(({ key }) => key === 'databas')!;
    expect(database.name).toBe('database');
    expect(database.occurrences.length).toBeGreaterThanOrEqual(3);
    expect(candidates.filter(({ name }) => /^optimi[sz]ations?$/.test(name))).toHaveLength(1);
  });
  it('prefers the form inside sentences to that of a headline', async () => {
    const { candidates } = await analyze('Analysts expect interest rates to fall.', 'Interest Rates Seen Falling');
    expect(candidates.find(({ key }) => key.startsWith('interestrate'))!.name).toBe('interest rates');
  });
  it('keeps the phrases of a title apart from the text that it runs into, with exact places', async () => {
    const body = 'Cheap sensors for old bridges Bridges carry traffic. The bridges are old.';
    const { candidates } = await analyze(body);
    expect(candidates.map(({ name }) => name)).not.toContain('old bridges Bridges');
    const bridges = candidates.find(({ key }) => key === 'bridg')!;
    expect(bridges.occurrences.map(({ headline }) => headline)).toEqual([true, false, false]);
    for (const { start, end } of bridges.occurrences) expect(body.slice(start, end).toLowerCase()).toBe('bridges');
  });
  it('finds nothing in sentences that stand for a missing text', async () => {
    expect(await names('An abstract is not available.')).toEqual([]);
    expect(await names('No contact information provided yet.')).toEqual([]);
  });
  it('keeps the most frequent candidates of a very long text', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => `The item${i} rises.`).join(' ');
    const { candidates } = await analyze(`${many} The harbour closes. The harbour opens.`);
    expect(candidates).toHaveLength(2000);
    expect(candidates.at(-1)!.name).toBe('harbour');
  });
  it('gives exact places', async () => {
    const body = 'The World Wide Web began in Geneva. The web grew.';
    for (const { occurrences } of (await analyze(body)).candidates) {
      for (const { start, end } of occurrences) expect(body.slice(start, end)).toBe(body.slice(start, end).trim());
    }
  });
  it('leaves out dates, amounts and the words of addresses', async () => {
    const found = await names(
      'In April 2008 it paid 2.1bn euros and £5m deals. See www.foo.org/bar or https://news.site.com/a?b=c. Mail domet@ucbeh now.',
    );
    for (const name of ['April 2008', 'bn euros', 'm deals', 'www', 'foo', 'org', 'bar', 'news', 'domet@ucbeh'])
      expect(found).not.toContain(name);
    expect(found).toEqual(expect.arrayContaining(['euros', 'deals']));
  });
  it('keeps a number and the letter behind it together', async () => {
    expect(await names('The 3D wireframe models need a 5G network.')).toEqual(
      expect.arrayContaining(['3D wireframe models', '5G network']),
    );
  });
  it('does not take contractions and possessives for names', async () => {
    const found = await names("I'm hoping it's the xterm's. The xterm works, I’m sure.");
    expect(found).toContain('xterm');
    expect(found.filter((name) => /['’]/.test(name))).toEqual([]);
  });
  it('takes no data for a name', async () => {
    const found = await names(`The file ${'QmFzZTY0'.repeat(50)} holds the picture.`);
    expect(found).toEqual(expect.arrayContaining(['file', 'picture']));
    for (const name of found) expect(name.length).toBeLessThanOrEqual(100);
  });
  it('reads numbers without end only once', async () => {
    const { candidates } = await analyze(`${Array.from({ length: 15_000 }, (_, i) => i).join(' ')} apples`);
    expect(candidates.map(({ name }) => name)).toContain('apples');
  });
});
