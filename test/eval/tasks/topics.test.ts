import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, resultOf } from '../../support/evaluate.js';

const subjects = {
  en: {
    weather: [
      'rain flooded the river valley',
      'the river rose after heavy rain',
      'storm and rain closed the valley road',
    ],
    football: [
      'the striker scored a late goal',
      'a goal in the cup final won the match',
      'the match ended without a goal',
    ],
  },
  ja: {
    weather: ['大雨で川が氾濫した', '台風と大雨で川の水位が上がった', '大雨の警報が川の周辺に出た'],
    football: ['選手が試合で得点した', '試合は得点なしで終わった', '決勝の試合で選手が勝利の得点を決めた'],
  },
};

function rowsOf(language: keyof typeof subjects) {
  return Object.entries(subjects[language]).flatMap(([label, texts]) =>
    texts.flatMap((text, i) =>
      [0, 1].map((copy) => ({
        id: `${label}-${i}-${copy}`,
        language,
        title: label === 'weather' ? '' : text,
        text,
        labels: [label],
      })),
    ),
  );
}

describe('the task topics', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'matome-eval-topics-'));
    for (const language of ['en', 'ja'] as const) {
      const lines = rowsOf(language).map((row) => JSON.stringify(row));
      writeFileSync(join(folder, `${language}.jsonl`), lines.join('\n'));
    }
    writeFileSync(join(folder, 'unlabelled.jsonl'), '{"id":"1","language":"en","text":"no labels"}\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['en', 'river', 'goal'],
    ['ja', '大雨', '試合'],
  ])('finds the topics of %s texts and their words', async (language, weather, football) => {
    const outcome = await evaluate(
      'topics',
      '--data',
      join(folder, `${language}.jsonl`),
      '--topics',
      '2',
      '--terms',
      '4',
    );
    expect(outcome.status, outcome.stderr).toBe(0);
    const result = resultOf(outcome);
    expect(result).toMatchObject({ rows: 12, topics: 2, classes: 2, vMeasure: 1, outlierShare: 0, diversity: 1 });
    expect(result['npmi']).toBeCloseTo(result['classNpmi'] as number, 12);
    const terms = (result['topicTerms'] as string[][]).map((words) => words.join(' '));
    expect(terms.find((words) => words.includes(weather))).not.toContain(football);
    expect(terms.find((words) => words.includes(football))).toBeDefined();
  });
  it('lets density say how many there are', async () => {
    const result = resultOf(
      await evaluate('topics', '--data', join(folder, 'en.jsonl'), '--topics', 'auto', '--ngrams', '2'),
    );
    expect(result['topics']).toBeGreaterThan(1);
    expect(result['topicTerms']).toHaveLength(result['topics'] as number);
    expect((result['topicSizes'] as number[]).reduce((sum, size) => sum + size, 0)).toBe(12);
  });
  it.each([
    [['--topics', 'many'], '--topics must be auto or a whole number from 1. Got "many".'],
    [['--topics', '13'], '--topics must be at most the number of rows, 12. Got 13.'],
    [['--terms', '0'], '--terms must be a whole number from 1. Got "0".'],
    [['--weighting', 'bm25'], '--weighting must be divergence or class-tfidf. Got "bm25".'],
    [['--language', 'ja'], 'holds no row that the options select.'],
  ])('says in one sentence why %j cannot be measured', async (args, sentence) => {
    const { status, stderr, stdout } = await evaluate('topics', '--data', join(folder, 'en.jsonl'), ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
  });
  it('names the line of a row without labels', async () => {
    const { status, stderr } = await evaluate('topics', '--data', join(folder, 'unlabelled.jsonl'));
    expect(status).toBe(2);
    expect(stderr).toContain('unlabelled.jsonl:1 has no field "labels".');
  });
});
