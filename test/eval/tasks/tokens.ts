import { loadEnglishTagger, loadJapaneseAnalyzer, type Tagger } from '@matome/primitives/text';
import { readRows } from '../read-rows.js';
import { EvalInputError, type EvalTask } from '../task.js';

interface TokenRow {
  readonly language: string;
  readonly text: string;
  readonly tokens: readonly string[];
  readonly pos?: readonly string[];
  /** B where a long unit begins, I where it goes on. */
  readonly luw?: readonly string[];
}

interface Word {
  readonly start: number;
  readonly end: number;
  readonly pos: string | undefined;
}

/** Words found by the taggers of both languages against words that people marked. */
export const task: EvalTask = {
  summary:
    'Words and parts of speech against marked ones (fields language, text, tokens, pos, luw): a word is right when both its ends are.',
  options: {
    unit: "'short' words or 'long' ones, where runs of nouns, numbers and affixes are one; default 'short'",
  },
  async run({ data, options, limit, progress }) {
    const { unit = 'short' } = options;
    if (unit !== 'short' && unit !== 'long') {
      throw new EvalInputError(`--unit must be short or long. Got ${JSON.stringify(unit)}.`);
    }
    const rows = await readRows<TokenRow>(data, ['language', 'text', 'tokens'], limit);
    const taggers = await loadTaggers(rows);
    const marked = rows.map((row, i) => wordsOf(row, i + 1, unit));
    progress(`${rows.length} texts`);
    const start = performance.now();
    const tagged = rows.map(({ language, text }) => taggers[language]!(text));
    const seconds = (performance.now() - start) / 1000;
    let [right, rightParts, found, wanted] = [0, 0, 0, 0];
    rows.forEach((_, i) => {
      const own: readonly Word[] = unit === 'long' ? joinRuns(tagged[i]!) : tagged[i]!;
      const places = new Map(own.map((word) => [`${word.start} ${word.end}`, word.pos]));
      const same = marked[i]!.filter(({ start, end }) => places.has(`${start} ${end}`));
      right += same.length;
      rightParts += same.filter(({ start, end, pos }) => places.get(`${start} ${end}`) === pos).length;
      found += own.length;
      wanted += marked[i]!.length;
    });
    const [precision, recall] = [right / found, right / wanted];
    return {
      rows: rows.length,
      metrics: {
        precision,
        recall,
        f1: (2 * right) / (found + wanted),
        ...(unit === 'short' && rows.every(({ pos }) => pos) ? { partOfSpeechAccuracy: rightParts / right } : {}),
        tokens: wanted,
        tokensPerSecond: tagged.reduce((sum, words) => sum + words.length, 0) / seconds,
      },
    };
  },
};

async function loadTaggers(rows: readonly TokenRow[]): Promise<Readonly<Record<string, Tagger>>> {
  const languages = new Set(rows.map(({ language }) => language));
  const strange = [...languages].find((language) => language !== 'en' && language !== 'ja');
  if (strange !== undefined) throw new EvalInputError(`The language of a row must be en or ja. Got ${strange}.`);
  return {
    ...(languages.has('en') ? { en: (await loadEnglishTagger()).tag } : {}),
    ...(languages.has('ja') ? { ja: (await loadJapaneseAnalyzer()).analyze } : {}),
  };
}

/** Where the marked words of a row stand in its text. */
function wordsOf({ text, tokens, pos, luw }: TokenRow, line: number, unit: string): Word[] {
  if (unit === 'long' && !luw) throw new EvalInputError(`Row ${line} has no field luw, which --unit long needs.`);
  const words: Word[] = [];
  let at = 0;
  tokens.forEach((token, i) => {
    const start = text.indexOf(token, at);
    if (start < 0) throw new EvalInputError(`The word ${JSON.stringify(token)} of row ${line} is not in its text.`);
    at = start + token.length;
    if (unit === 'long' && luw![i] === 'I') words.push({ ...words.pop()!, end: at });
    else words.push({ start, end: at, pos: pos?.[i] });
  });
  return words;
}

const joined: ReadonlySet<string | undefined> = new Set(['NOUN', 'PROPN', 'NUM']);

function joinRuns(words: readonly Word[]): Word[] {
  const runs: Word[] = [];
  for (const word of words) {
    const last = runs.at(-1);
    if (last?.end === word.start && joined.has(last.pos) && joined.has(word.pos)) {
      runs.push({ ...runs.pop()!, end: word.end });
    } else runs.push(word);
  }
  return runs;
}
