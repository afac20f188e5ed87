import { deduplicate, paraphraseProbability } from '@matome/recap-core';
import { readRows } from '../read-rows.js';
import { type EvalContext, EvalInputError, type EvalResult, type EvalTask } from '../task.js';

interface PairRow {
  readonly a: string;
  readonly b: string;
  readonly label: number;
  readonly split?: string;
}

interface DocumentRow {
  readonly id: string | number;
  readonly text: string;
  readonly group?: string | number;
}

/** Counts of a two-way decision. */
class Decisions {
  private tp = 0;
  private fp = 0;
  private fn = 0;
  private tn = 0;

  add(predicted: boolean, actual: boolean, times = 1): void {
    if (predicted) actual ? (this.tp += times) : (this.fp += times);
    else actual ? (this.fn += times) : (this.tn += times);
  }

  get metrics() {
    const { tp, fp, fn, tn } = this;
    const precision = tp + fp === 0 ? 0 : tp / (tp + fp);
    const recall = tp + fn === 0 ? 0 : tp / (tp + fn);
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    return { precision, recall, f1, accuracy: (tp + tn) / Math.max(1, tp + fp + fn + tn) };
  }
}

export const task: EvalTask = {
  summary: 'Duplicates: sentence pairs (fields a, b, label) or documents (fields text, group).',
  options: {
    threshold:
      'pairs: auto (chosen on the train split, else on the other folds) or a probability in [0, 1]. Default auto',
    train: 'pairs: split the threshold is chosen on. Default train',
    test: 'pairs: split that is scored. Default every other split, or all rows by five folds where there is one split',
    corpus: 'documents: rows (id, text) among which the groups of --data are looked for',
  },
  async run(context) {
    const [first] = await readRows<object>(context.data, [], 1);
    if (first === undefined) throw new EvalInputError(`${context.data} holds no rows.`);
    return 'label' in first ? evaluatePairs(context) : evaluateDocuments(context);
  },
};

async function evaluatePairs({ data, options, limit, progress }: EvalContext): Promise<EvalResult> {
  const rows = await readRows<PairRow>(data, ['a', 'b', 'label'], limit);
  progress(`${rows.length} pairs`);
  const start = performance.now();
  const scores = rows.map(({ a, b }) => paraphraseProbability(a, b));
  const pairsPerSecond = rows.length / ((performance.now() - start) / 1000);
  const decisions = new Decisions();
  const thresholds: number[] = [];
  const decide = (indices: readonly number[], threshold: number) => {
    thresholds.push(threshold);
    for (const i of indices) decisions.add(scores[i]! >= threshold, rows[i]!.label === 1);
  };
  const all = [...rows.keys()];
  const { threshold = 'auto', train = 'train', test } = options;
  if (threshold !== 'auto') decide(test === undefined ? all : namedSplit(rows, test), fixedThreshold(threshold));
  else {
    const known = options.train === undefined ? splitOf(rows, train) : namedSplit(rows, train);
    const scored = test === undefined ? all.filter((i) => rows[i]!.split !== train) : namedSplit(rows, test);
    if (known.length > 0 && scored.length > 0) decide(scored, bestThreshold(known, scores, rows));
    else {
      for (let fold = 0; fold < 5; fold++) {
        const inFold = all.filter((i) => i % 5 === fold);
        decide(
          inFold,
          bestThreshold(
            all.filter((i) => i % 5 !== fold),
            scores,
            rows,
          ),
        );
      }
    }
  }
  const used = thresholds.reduce((sum, t) => sum + t, 0) / thresholds.length;
  return { rows: rows.length, metrics: { ...decisions.metrics, threshold: used, docsPerSecond: 2 * pairsPerSecond } };
}

function splitOf(rows: readonly PairRow[], split: string): number[] {
  return [...rows.keys()].filter((i) => rows[i]!.split === split);
}

function namedSplit(rows: readonly PairRow[], split: string): number[] {
  const found = splitOf(rows, split);
  if (found.length === 0) throw new EvalInputError(`No row has the split ${JSON.stringify(split)}.`);
  return found;
}

function fixedThreshold(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new EvalInputError(`--threshold must be auto or a number in [0, 1]. Got ${JSON.stringify(text)}.`);
  }
  return value;
}

/** The threshold with the best accuracy on some rows, halfway to the next lower score. */
function bestThreshold(indices: readonly number[], scores: readonly number[], rows: readonly PairRow[]): number {
  const sorted = [...indices].sort((a, b) => scores[b]! - scores[a]!);
  let correct = indices.filter((i) => rows[i]!.label !== 1).length;
  let best = correct;
  let threshold = 1;
  sorted.forEach((i, at) => {
    correct += rows[i]!.label === 1 ? 1 : -1;
    const next = scores[sorted[at + 1] ?? -1] ?? 0;
    if (correct <= best || next === scores[i]) return;
    best = correct;
    threshold = (scores[i]! + next) / 2;
  });
  return threshold;
}

async function evaluateDocuments({ data, options, limit, progress }: EvalContext): Promise<EvalResult> {
  const labelled = await readRows<DocumentRow>(data, ['id', 'text', 'group'], limit);
  const groups = new Map(labelled.map((row) => [String(row.id), String(row.group)]));
  const texts = new Map(labelled.map((row) => [String(row.id), row.text]));
  if (options.corpus !== undefined) {
    for (const row of await readRows<DocumentRow>(options.corpus, ['id', 'text'])) {
      if (!texts.has(String(row.id))) texts.set(String(row.id), row.text);
    }
  }
  const documents = [...texts].map(([id, text]) => ({ id, text }));
  progress(`${documents.length} documents`);
  const start = performance.now();
  const found = deduplicate(documents);
  const seconds = (performance.now() - start) / 1000;
  const { shared, pairs, actual } = countPairs(found.groups, groups);
  const decisions = new Decisions();
  decisions.add(true, true, shared);
  decisions.add(true, false, pairs - shared);
  decisions.add(false, true, actual - shared);
  decisions.add(false, false, (documents.length * (documents.length - 1)) / 2 - pairs - actual + shared);
  return {
    rows: documents.length,
    metrics: {
      ...decisions.metrics,
      docsPerSecond: documents.length / seconds,
      groups: found.groups.length,
      pairsFound: pairs,
      pairsTrue: actual,
    },
  };
}

/** Pairs in one group by us, of those the ones in one group by the labels, and pairs in one group by the labels. */
function countPairs(
  found: readonly { readonly primaryId: string; readonly duplicates: readonly { readonly id: string }[] }[],
  groups: ReadonlyMap<string, string>,
) {
  const choose2 = (n: number) => (n * (n - 1)) / 2;
  let pairs = 0;
  let shared = 0;
  for (const group of found) {
    const ids = [group.primaryId, ...group.duplicates.map((member) => member.id)];
    pairs += choose2(ids.length);
    const counts = new Map<string, number>();
    for (const id of ids) {
      const label = groups.get(id);
      if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    for (const count of counts.values()) shared += choose2(count);
  }
  const sizes = new Map<string, number>();
  for (const label of groups.values()) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  let actual = 0;
  for (const size of sizes.values()) actual += choose2(size);
  return { shared, pairs, actual };
}
