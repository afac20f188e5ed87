import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createStaticEmbedder, encodeStaticModel, loadStaticModel } from '@matome/primitives/embedding';
import type { CsrMatrix, Matrix } from '@matome/primitives/linalg';
import { EmbeddingTable, loadOnnxRuntime } from '@matome/primitives/onnx';
import { loadJapaneseAnalyzer } from '@matome/primitives/text';
// The recipe must cut texts exactly as the embedder does, and that is no public matter.
import { englishWords, japaneseWords } from '../../primitives/src/embedding/static-terms.js';
import { TermMatcher } from '../../primitives/src/embedding/term-matcher.js';
import { bagsOf } from './bags.js';
import { type Corpus, readCorpus, type SentencePair } from './corpus.js';
import { distil } from './distil.js';
import { evenDirections, fitProjection } from './projection.js';
import { retrieval } from './retrieval.js';
import { startFromTeacher, startFromTranslations, termCounts } from './start-vectors.js';
import { loadTeacher, type Teacher } from './teacher.js';
import { countWords, englishTerms, japaneseTerms } from './terms.js';
import { learnTranslations } from './translations.js';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    cache: { type: 'string', default: join(packageFolder, '../../.models') },
    out: { type: 'string', default: join(packageFolder, 'weights') },
    'held-out': { type: 'string' },
    dimensions: { type: 'string', default: '256' },
    epochs: { type: 'string', default: '4' },
    'learning-rate': { type: 'string', default: '0.01' },
    contrast: { type: 'string', default: '0.2' },
    relation: { type: 'string', default: '5' },
    dropout: { type: 'string', default: '0' },
    'min-count': { type: 'string', default: '2' },
    seed: { type: 'string', default: '42' },
  },
});
const dimensions = Number(options.dimensions);
const started = performance.now();
const say = (line: string) =>
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);

/** Texts of both languages as bags of the terms of the two tables. */
interface CutTexts {
  readonly english: CsrMatrix;
  readonly japanese: CsrMatrix;
  readonly latin: CsrMatrix;
  readonly japaneseTerms: readonly string[];
}

async function cutTexts(pairs: readonly SentencePair[], english: readonly string[]): Promise<CutTexts> {
  const analyzer = await loadJapaneseAnalyzer();
  const cut = pairs.map((pair) => japaneseWords(analyzer, pair.japanese));
  const terms = japaneseTerms(countWords(cut.map(({ lemmas }) => lemmas)), Number(options['min-count']));
  const englishMatcher = new TermMatcher(english, '##');
  const japaneseMatcher = new TermMatcher(terms, '');
  const rows = (words: readonly string[], matcher: TermMatcher) => words.flatMap((word) => [...matcher.match(word)]);
  return {
    japaneseTerms: terms,
    english: bagsOf(
      pairs.map((pair) => rows(englishWords(pair.english), englishMatcher)),
      english.length,
    ),
    japanese: bagsOf(
      cut.map(({ lemmas }) => rows(lemmas, japaneseMatcher)),
      terms.length,
    ),
    latin: bagsOf(
      cut.map(({ latin }) => rows(latin, englishMatcher)),
      english.length,
    ),
  };
}

async function train(corpus: Corpus, teacher: Teacher): Promise<Record<string, Uint8Array>> {
  const terms = englishTerms(teacher.pieces);
  const { training, glossary } = corpus;
  const cut = await cutTexts([...training, ...glossary], terms);
  say(
    `${training.length} sentences and ${glossary.length} words cut into ${terms.length} English and ${cut.japaneseTerms.length} Japanese terms`,
  );
  const englishOf = (pairs: readonly SentencePair[]) => pairs.map(({ english }) => english);
  const sentences = concatRows(
    await teacher.embed('sentences', englishOf(training)),
    await teacher.embed('glosses', englishOf(glossary)),
  );
  const alone = await teacher.embed(
    'terms',
    terms.map((term) => term.replace(/^##/, '')),
  );
  const projection = fitProjection(sentences, dimensions);
  say(`${dimensions} directions keep ${(100 * projection.kept).toFixed(1)} % of the teacher's vectors`);
  const target: Matrix = projection.apply(sentences);
  const englishStart = startFromTeacher(projection.apply(alone), termCounts(cut.english));
  const japaneseStart = startFromTranslations(learnTranslations(cut.japanese, cut.english), englishStart);
  say('translations of the Japanese terms learnt');
  const table = (name: string, rows: number, values: Float32Array) =>
    new EmbeddingTable({ name, rows, cols: dimensions, values });
  const english = table('english', terms.length, englishStart);
  const japanese = table('japanese', cut.japaneseTerms.length, japaneseStart);
  // One thread: the order of sums, and with it the last bits, depends on the number of threads.
  const runtime = await loadOnnxRuntime({ threads: 1 });
  await distil(
    runtime,
    { english, japanese },
    { ...cut, teacher: target },
    {
      epochs: Number(options.epochs),
      batchSize: 1024,
      learningRate: Number(options['learning-rate']),
      temperature: 0.1,
      contrastWeight: Number(options.contrast),
      relationWeight: Number(options.relation),
      dropout: Number(options.dropout),
      seed: Number(options.seed),
      onEpoch: (epoch, loss) => say(`epoch ${epoch}: loss ${loss.toFixed(4)}`),
    },
  );
  for (const { values } of [english, japanese]) evenDirections(values, target);
  return encodeStaticModel({
    modelId: 'matome-en-ja-1',
    dimensions,
    english: { terms, rows: english.values },
    japanese: { terms: cut.japaneseTerms, rows: japanese.values },
  });
}

function concatRows(x: Matrix, y: Matrix): Matrix {
  const data = new Float32Array(x.data.length + y.data.length);
  data.set(x.data);
  data.set(y.data, x.data.length);
  return { data, rows: x.rows + y.rows, cols: x.cols };
}

const corpus = readCorpus(options.cache);
if (options['held-out'] !== undefined) {
  const lines = corpus.heldOut.map(({ english, japanese }, i) =>
    JSON.stringify({ id: `pair-${i}`, a: english, b: japanese }),
  );
  writeFileSync(options['held-out'], `${lines.join('\n')}\n`);
}
const files = await train(corpus, await loadTeacher(options.cache));
mkdirSync(options.out, { recursive: true });
for (const [name, bytes] of Object.entries(files)) writeFileSync(join(options.out, name), bytes);
const size = Object.values(files).reduce((sum, bytes) => sum + bytes.length, 0);
const embedder = createStaticEmbedder(await loadStaticModel(options.out));
const embed = (key: keyof SentencePair) => embedder.embed(corpus.heldOut.map((pair) => pair[key]));
const found = retrieval(await embed('english'), await embed('japanese'));
say(`${(size / 1e6).toFixed(1)} MB, fingerprint ${embedder.fingerprint}`);
say(`held-out retrieval at 1: English to Japanese ${found.forward}, Japanese to English ${found.backward}`);
