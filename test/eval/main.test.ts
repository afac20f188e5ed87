import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../support/evaluate.js';

const flood = 'The river Skel rose by two metres and flooded the town of Skelby, whose mayor asked residents to leave.';
const cup = 'Valmere won the cup final with a late goal by a young striker in front of a full stadium.';
const rows = [
  { id: '1', language: 'en', title: 'Skelby flooded', text: flood, event: 'flood' },
  { id: '2', language: 'en', title: 'Flood in Skelby', text: `${flood} The bridge is closed.`, event: 'flood' },
  { id: '3', language: 'en', title: 'Valmere lifts the cup', text: cup, event: 'cup' },
  { id: '4', language: 'en', title: 'Cup final: Valmere win', text: `${cup} The crowd sang.`, event: 'cup' },
];

describe('the evaluation harness', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'matome-eval-'));
    writeFileSync(join(folder, 'events.jsonl.gz'), gzipSync(rows.map((row) => JSON.stringify(row)).join('\n')));
    writeFileSync(join(folder, 'broken.jsonl'), `${JSON.stringify(rows[0])}\n{"id": "x"\n`);
    writeFileSync(join(folder, 'incomplete.jsonl'), '{"id":"1","language":"en","text":"no event"}\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('prints one JSON object as its last line, with the names of the contract', async () => {
    const data = join(folder, 'events.jsonl.gz');
    const { status, stdout, stderr } = await evaluate('events', '--data', data, '--threshold', '0.2');
    expect(status, stderr).toBe(0);
    const result = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(result).toMatchObject({
      task: 'events',
      data,
      rows: 4,
      options: { threshold: '0.2' },
      bCubedF1: 1,
      ari: 1,
      nmi: 1,
      clusters: 2,
    });
    expect(result.seconds).toBeGreaterThan(0);
    expect(result.peakRssMb).toBeGreaterThan(0);
  });

  it('lists every task with its options', async () => {
    const { status, stdout } = await evaluate('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('events\n');
    expect(stdout).toContain('--threshold');
  });

  it.each([
    [['nonsense', '--data', 'x'], 'There is no task "nonsense". The tasks are'],
    [['events'], 'The task events needs --data PATH.'],
    [['events', '--data', '/nowhere.jsonl'], 'There is no file /nowhere.jsonl.'],
    [['events', '--data', 'x', '--nope', '1'], 'The task events has no option --nope.'],
    [['events', '--data', 'x', '--seed', 'a'], '--seed must be a whole number. Got "a".'],
    [['events', '--data', 'x', '--limit', '0'], '--limit must be at least 1. Got "0".'],
    [['events', '--data'], 'The task events needs --data PATH.'],
    [['clustering', '--data', '/nowhere.csv'], 'There is no file /nowhere.csv.'],
  ])('says in one sentence why %j cannot be measured', async (args, sentence) => {
    const { status, stderr, stdout } = await evaluate(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stdout).toBe('');
  });

  it('names file and line of a row that cannot be used', async () => {
    expect((await evaluate('events', '--data', join(folder, 'broken.jsonl'))).stderr).toContain(
      'broken.jsonl:2 is not JSON',
    );
    const incomplete = await evaluate('events', '--data', join(folder, 'incomplete.jsonl'));
    expect(incomplete.stderr).toContain('incomplete.jsonl:1 has no field "event".');
    expect(incomplete.status).toBe(2);
  });
  it('reads files with a byte order mark, Windows line ends, blank lines and null for a missing field', async () => {
    const data = join(folder, 'windows.jsonl');
    const lines = rows.map((row) => JSON.stringify({ ...row, published_at: null }));
    writeFileSync(data, `\ufeff${lines.join('\r\n')}\r\n\r\n`);
    const { status, stdout, stderr } = await evaluate('events', '--data', data);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ rows: 4 });
  });
  it.each([
    ['[1, 2]', 'is not a JSON object.'],
    ['{"id":"1","language":"en","text":null,"event":"a"}', 'has no field "text".'],
    ['{"id":"1","language":"en","text":7,"event":"a"}', ': the field "text" must be text. Got 7.'],
  ])('names the line of %s', async (line, sentence) => {
    const data = join(folder, 'odd.jsonl');
    writeFileSync(data, `${JSON.stringify(rows[0])}\n\n${line}\n`);
    const { status, stderr } = await evaluate('events', '--data', data);
    expect([status, stderr.includes(`odd.jsonl:3`), stderr.includes(sentence)]).toEqual([2, true, true]);
  });
  it('says in one sentence what a package refuses, and that a file is empty', async () => {
    const data = join(folder, 'genre.jsonl');
    const genres = rows.map((row) => JSON.stringify({ ...row, labels: ['news'] }));
    writeFileSync(data, genres.join('\n'));
    const one = await evaluate('genre', '--data', data, '--folds', '2');
    expect([one.status, one.stderr.trim().split('\n').at(-1)]).toEqual([
      2,
      'CoarseGenreClassifier.fit needs examples of at least two genres. All are news.',
    ]);
    writeFileSync(data, '');
    const none = await evaluate('tokens', '--data', data);
    expect([none.status, none.stderr.includes('genre.jsonl holds no rows.')]).toEqual([2, true]);
  });
});
