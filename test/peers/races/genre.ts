import { createRandom } from '@matome/primitives/random';
import { type LanguageCode, tokenizeWords } from '@matome/primitives/text';
import { CoarseGenreClassifier, type CoarseGenreClassifierOptions, stratifiedFolds } from '@matome/recap-core';
import { readRows } from '../../eval/read-rows.js';
import { hasModule, type Race, type RaceContext, runPython } from '../race.js';

interface Row {
  readonly id: string;
  readonly language: LanguageCode;
  readonly title?: string;
  readonly text: string;
  readonly labels: readonly string[];
}

interface Measured {
  readonly fit: number;
  readonly predict: number;
  readonly accuracy: number;
}

// Reads the same rows and the same test rows, so that both sides see one split.
const program = `
import gzip, json, sys, time
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC
import numpy as np
path, model, test = sys.argv[1], sys.argv[2], set(json.loads(sys.argv[3]))
op = gzip.open if path.endswith(".gz") else open
rows = [json.loads(l) for l in op(path, "rt", encoding="utf-8") if l.strip()]
text = lambda r: (r.get("title") or "") + "\\n" + r["text"]
ja = rows[0]["language"] == "ja"
A = [(text(r), r["labels"][0]) for r in rows if r["id"] not in test]
B = [(text(r), r["labels"][0]) for r in rows if r["id"] in test]
vec = TfidfVectorizer(sublinear_tf=True, analyzer="char", ngram_range=(2, 3), min_df=2) if ja else TfidfVectorizer(sublinear_tf=True, stop_words="english")
t0 = time.perf_counter()
X = vec.fit_transform([t for t, _ in A]); y = [l for _, l in A]
if model == "svc":
    m = LinearSVC().fit(X, y); predict = lambda Z: m.predict(Z)
else:
    classes, codes = np.unique(y, return_inverse=True)
    C = np.vstack([np.asarray(X[codes == k].mean(0)).ravel() for k in range(len(classes))])
    C /= np.linalg.norm(C, axis=1, keepdims=True)
    predict = lambda Z: classes[np.asarray(Z @ C.T).argmax(1)]
t1 = time.perf_counter()
p = predict(vec.transform([t for t, _ in B]))
t2 = time.perf_counter()
print(json.dumps(dict(fit=t1 - t0, predict=t2 - t1, accuracy=float(np.mean([a == b for a, (_, b) in zip(p, B)])))))
`;

const works = [
  { method: 'rocchio', model: 'centroid', peer: 'scikit-learn TF-IDF + centroid' },
  { method: 'linear', model: 'svc', peer: 'scikit-learn TF-IDF + LinearSVC' },
] as const;

/** Genres from raw text: both sides cut words, learn and answer; ours calibrates and finds thresholds besides. */
export const race: Race = {
  summary: 'Genres of news, one thread: scikit-learn centroid and LinearSVC. --data FILE[,FILE] in the genre format.',
  async run(context) {
    const paths = context.options.data?.split(',') ?? [];
    if (paths.length === 0)
      throw new Error('The race genre needs --data FILE[,FILE]: rows with text, language and labels.');
    for (const path of paths) await raceOn(path, context);
  },
};

async function raceOn(path: string, { python, report }: RaceContext): Promise<void> {
  const rows = await readRows<Row>(path, ['id', 'language', 'text', 'labels']);
  const [fold] = stratifiedFolds(
    rows.map((row) => row.labels[0]!),
    { groups: rows.map((row) => row.text), random: createRandom(42) },
  );
  const test = Array.from(fold!.test, (i) => rows[i]!);
  const train = Array.from(fold!.train, (i) => rows[i]!);
  const name = path.split('/').at(-1)!;
  for (const { method, model, peer } of works) {
    measure(train, test, { method });
    const ours = measure(train, test, { method });
    const theirs =
      python !== undefined && hasModule(python, 'sklearn')
        ? await runPython<Measured>(python, program, [path, model, JSON.stringify(test.map(({ id }) => id))])
        : undefined;
    const quality = { accuracy: ours.accuracy, peerAccuracy: theirs?.accuracy };
    report({
      work: `${name}: predict ${test.length} texts, ${method} against ${peer}`,
      oursSeconds: ours.predict,
      ...(theirs ? { peerSeconds: theirs.predict } : {}),
      quality,
    });
    report({
      work: `${name}: learn from ${train.length} texts, ${method} with calibration against ${peer}`,
      oursSeconds: ours.fit,
      ...(theirs ? { peerSeconds: theirs.fit } : {}),
      quality,
    });
  }
}

function measure(train: readonly Row[], test: readonly Row[], options: CoarseGenreClassifierOptions): Measured {
  const start = performance.now();
  const classifier = CoarseGenreClassifier.fit(
    train.map((row) => ({ ...prepared(row), genres: row.labels.slice(0, 1) })),
    options,
  );
  const fitted = performance.now();
  const answers = classifier.classify(test.map(prepared));
  const predict = (performance.now() - fitted) / 1000;
  const right = answers.filter(({ candidates }, i) => candidates[0]!.genre === test[i]!.labels[0]).length;
  return { fit: (fitted - start) / 1000, predict, accuracy: right / test.length };
}

function prepared({ id, title, text, language }: Row) {
  return {
    id,
    text,
    language,
    tokens: tokenizeWords(title ? `${title}\n${text}` : text, language),
    ...(title ? { title } : {}),
  };
}
