/**
 * Learns the Japanese ranking from headlines and writes it to `src/data`.
 *
 * node --import tsx --conditions=matome-source recipe/train-japanese.ts LIVEDOOR.jsonl.gz
 *
 * No Japanese keyphrase set is at hand, but every article has a headline that an editor wrote. The body alone is ranked;
 * a candidate counts as right when it is a whole phrase or a name of the headline. Every second article trains, the others measure. Only numbers
 * leave this script.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRandom } from '@matome/primitives/random';
import { loadJapaneseAnalyzer } from '@matome/primitives/text';
import { analyzeJapanese } from '../src/candidates/japanese.js';
import { sanitizeInput } from '../src/input/sanitize-input.js';
import { backgroundFromRarities } from '../src/rank/background.js';
import { statisticalFeatures, statisticalRows, statisticalWidth } from '../src/rank/features.js';
import { TreeEnsemble } from '../src/rank/tree-ensemble.js';
import { fitBoostedTrees, roundTrees } from './gradient-boosting.js';
import type { PreparedDocument } from './keyphrase-rows.js';
import { stackRows } from './keyphrase-rows.js';
import { fitPlatt } from './platt.js';

const trainDocuments = 1500;
const testDocuments = 500;
const settings = {
  trees: 100,
  depth: 4,
  learningRate: 0.12,
  minRows: 30,
  shrinkage: 5,
  columnShare: 0.5,
  rowShare: 0.7,
};

interface Row {
  readonly title: string;
  readonly text: string;
}

const [path] = process.argv.slice(2) as [string];
const rows = gunzipSync(readFileSync(path))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);
const { analyze } = await loadJapaneseAnalyzer();

/** Keys of the phrases of a headline that are not part of a longer one, and of its names. */
function wholePhrases(title: string): Set<string> {
  const { candidates } = analyzeJapanese({ title, body: '' }, analyze);
  const whole = candidates.filter(
    ({ occurrences, shape }) =>
      /^P+$/.test(shape) || occurrences.some(({ leftEdge, rightEdge }) => leftEdge && rightEdge),
  );
  return new Set(whole.map(({ key }) => key));
}

/** The body ranked without its headline, and which of its candidates the headline holds. */
function prepareRow({ title, text }: Row): PreparedDocument[] {
  const input = sanitizeInput({ title, body: text });
  if (input.status === 'invalid') return [];
  const analyzed = analyzeJapanese({ title: '', body: input.body }, analyze);
  const headline = wholePhrases(input.title);
  const labels = Float32Array.from(analyzed.candidates, ({ key }) => (headline.has(key) ? 1 : 0));
  const features = statisticalRows(analyzed, backgroundFromRarities(analyzed.rarities ?? new Map()), statisticalWidth);
  return [
    {
      title: '',
      body: input.body,
      gold: new Set(),
      analyzed,
      text: input,
      rows: features,
      width: statisticalWidth,
      labels,
    },
  ];
}

/** A fixed spread over the file, whose rows are ordered by genre. */
function take(parity: 0 | 1, count: number): PreparedDocument[] {
  const half = rows.filter((_, i) => i % 2 === parity);
  const step = Math.max(1, Math.floor(half.length / count));
  return half
    .filter((_, i) => i % step === 0)
    .slice(0, count)
    .flatMap(prepareRow);
}

const train = take(0, trainDocuments);
const trees = roundTrees(fitBoostedTrees(stackRows(train), { ...settings, random: createRandom(7) }));
const model = new TreeEnsemble(trees);
const scores: number[] = [];
const hits: number[] = [];
const test = take(1, testDocuments);
for (const { rows: features, labels } of test) {
  const logits = model.scores(features, statisticalWidth);
  const best = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, 10);
  for (const c of best) {
    scores.push(logits[c]!);
    hits.push(labels[c]!);
  }
}
const share = hits.reduce((sum, hit) => sum + hit, 0) / hits.length;
process.stderr.write(`${train.length} + ${test.length} articles; hits among the first ten: ${share.toFixed(4)}\n`);
const calibration = fitPlatt(scores, hits);
writeFileSync(
  new URL('../src/data/japanese-ranking.json', import.meta.url),
  `${JSON.stringify({ features: statisticalFeatures, trees, calibration })}\n`,
);
process.stderr.write(`${JSON.stringify(calibration)}\n`);
