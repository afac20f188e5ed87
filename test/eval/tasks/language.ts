import { createLanguageDetector } from '@matome/primitives/text';
import { readRows } from '../read-rows.js';
import { EvalInputError, type EvalTask } from '../task.js';

interface LanguageRow {
  readonly text: string;
  readonly language: string;
  readonly kind?: string;
}

interface Tally {
  rows: number;
  right: number;
  undetermined: number;
}

export const task: EvalTask = {
  summary: 'Language of single words, word pairs and sentences (fields text, language, kind).',
  options: {
    languages:
      'comma-separated codes: only these are answered, and other where the rows hold other languages, which count as other',
  },
  async run({ data, options, limit, progress }) {
    const rows = await readRows<LanguageRow>(data, ['text', 'language'], limit);
    if (rows.length === 0) throw new EvalInputError(`${data} holds no rows.`);
    const asked = options.languages?.split(',').map((code) => code.trim().toLowerCase());
    if (asked?.some((code) => !/^[a-z]{2,3}$/.test(code))) {
      throw new EvalInputError(
        `--languages must be language codes such as ja,en. Got ${JSON.stringify(options.languages)}.`,
      );
    }
    const fold = (code: string) => (asked === undefined || asked.includes(code) ? code : 'other');
    const onlyAsked = asked !== undefined && rows.every((row) => asked.includes(row.language.toLowerCase()));
    const detect = await createLanguageDetector(onlyAsked ? { languages: asked } : {});
    for (const { text } of rows.slice(0, 200)) detect(text);
    progress(`${rows.length} texts`);
    const start = performance.now();
    const guesses = rows.map(({ text }) => detect(text));
    const seconds = (performance.now() - start) / 1000;
    const total: Tally = { rows: 0, right: 0, undetermined: 0 };
    const kinds = new Map<string, Tally>();
    const languages = new Map<string, Tally>();
    const cells = new Map<string, Tally>();
    rows.forEach((row, i) => {
      const actual = fold(row.language.toLowerCase());
      const { code, language } = guesses[i]!;
      // For English and Japanese the detector says whether it is sure; a code it is not sure of is no answer.
      const unsure = code === '' || ((code === 'en' || code === 'ja') && language === 'und');
      const right = !unsure && fold(code) === actual;
      const kind = row.kind ?? 'text';
      const tallies = [total, entry(kinds, kind), entry(languages, actual), entry(cells, `${actual} ${kind}`)];
      for (const tally of tallies) {
        tally.rows++;
        if (unsure) tally.undetermined++;
        else if (right) tally.right++;
      }
    });
    return {
      rows: rows.length,
      metrics: {
        ...summary(total),
        byKind: summaries(kinds),
        byLanguage: summaries(languages),
        ...(asked === undefined ? {} : { byLanguageAndKind: summaries(cells) }),
        microsecondsPerText: (seconds / rows.length) * 1e6,
      },
    };
  },
};

function entry(map: Map<string, Tally>, key: string): Tally {
  let tally = map.get(key);
  if (tally === undefined) map.set(key, (tally = { rows: 0, right: 0, undetermined: 0 }));
  return tally;
}

function summaries(tallies: ReadonlyMap<string, Tally>) {
  return Object.fromEntries([...tallies].map(([name, tally]) => [name, summary(tally)]));
}

/** Accuracy counts an undetermined text as wrong; `rightOrUndetermined` does not. */
function summary({ rows, right, undetermined }: Tally) {
  return {
    accuracy: right / rows,
    undeterminedShare: undetermined / rows,
    rightOrUndetermined: (right + undetermined) / rows,
  };
}
