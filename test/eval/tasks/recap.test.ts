import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, resultOf } from '../../support/evaluate.js';

const flood =
  'The river Skel rose by two metres overnight and flooded the town of Skelby. Residents left their homes by boat in the morning.';
const cup =
  'Valmere won the cup final with a late goal by its young striker. Forty thousand people watched the match in the stadium.';
const rows = [
  { id: '1', title: 'Skelby flooded', text: flood, event: 'flood' },
  {
    id: '2',
    title: 'Flood in Skelby',
    text: `${flood} The bridge over the Skel is closed to all traffic.`,
    event: 'flood',
  },
  {
    id: '3',
    title: 'Skelby under water',
    text: 'Rescue teams moved residents of Skelby out by boat after the river Skel flooded the town overnight.',
    event: 'flood',
  },
  { id: '4', title: 'Valmere lifts the cup', text: cup, event: 'cup' },
  {
    id: '5',
    title: 'Cup final: Valmere win',
    text: 'A late goal gave Valmere the cup final. The young striker of Valmere was carried out of the stadium by fans.',
    event: 'cup',
  },
  {
    id: '6',
    title: '川が氾濫',
    language: 'ja',
    text: '川の水位が一晩で二メートル上昇し、町が浸水した。住民は船で避難した。',
    event: '氾濫',
  },
].map((row) => ({ language: 'en', ...row }));

describe('the task recap', () => {
  let folder: string;
  let data: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'matome-eval-recap-'));
    data = join(folder, 'events.jsonl');
    writeFileSync(data, rows.map((row) => JSON.stringify(row)).join('\n'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('follows articles to stories and every sentence back to its article', async () => {
    const outcome = await evaluate('recap', '--data', data, '--threshold', '0.1');
    expect(outcome.status, outcome.stderr).toBe(0);
    const result = resultOf(outcome);
    expect(result).toMatchObject({
      ...{ task: 'recap', rows: 6, bCubedF1: 1, stories: 3, events: 3, dropped: 0 },
      ...{ traceableShare: 1, verbatimShare: 1, danglingShare: 0, toldShare: 1 },
    });
    expect(result['redundancy']).toBeLessThan(0.3);
    expect(result['summarySentences']).toBeGreaterThan(3);
    expect(Object.keys(result['stages'] as object)).toEqual(['prepare', 'dedup', 'stories', 'evidence', 'summary']);
    expect(result['articlesPerSecond']).toBeGreaterThan(0);
  });
  it('tells no more stories and sentences than asked for', async () => {
    const outcome = await evaluate('recap', '--data', data, '--threshold', '0.1', '--bullets', '1', '--sentences', '1');
    expect(resultOf(outcome)).toMatchObject({ summarySentences: 1, toldShare: expect.closeTo(0.4, 0.11) });
  });
  it.each([
    [['--bullets', '0'], '--bullets must be a whole number from 1. Got "0".'],
    [['--sentences', 'two'], '--sentences must be a whole number from 1. Got "two".'],
    [['--threshold', '2'], '--threshold must be a number above 0, at most 1. Got "2".'],
    [['--split', 'test'], 'holds no row that the options select.'],
    [['--model', '/nowhere'], 'The model option of createEmbedder must be'],
  ])('says in one sentence why %j cannot be measured', async (args, sentence) => {
    const { status, stderr, stdout } = await evaluate('recap', '--data', data, ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n').at(-1)).not.toMatch(/^\s+at /);
  });
});
