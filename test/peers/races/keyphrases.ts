import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedder } from '@matome/primitives/embedding';
import { loadEnglishTagger } from '@matome/primitives/text';
import { createTagExtractor, type TagDocument, type TagExtractor } from '@matome/tag-extractor';
import { macroF1, stemmedKeys } from '../../eval/keyphrase-scoring.js';
import { readRows } from '../../eval/read-rows.js';
import { fp32Folder, minilmProgram } from '../minilm.js';
import { hasModule, type Race, runPython } from '../race.js';

interface Row {
  readonly text: string;
  readonly keyphrases: readonly string[];
  readonly split?: string;
}

interface Peer {
  readonly name: string;
  readonly module: string;
  /** Documents a second on 500 abstracts, measured on 2 vCPU of an AMD EPYC. */
  readonly storedDocumentsPerSecond: number;
  /** F1@10 measured there with the same scorer. */
  readonly storedF1: number;
  readonly against: 'statistical' | 'transformer';
  readonly program: string;
}

const prelude = `
import gzip, json, re, sys, time, warnings
warnings.filterwarnings('ignore')
rows = [json.loads(l) for l in gzip.open(sys.argv[1], 'rt', encoding='utf-8') if l.strip()]
if sys.argv[2]: rows = [r for r in rows if r.get('split') == sys.argv[2]]
docs = [re.sub(r'\\s+', ' ', r['text']).strip() for r in rows[: int(sys.argv[3])]]
`;

const peers: readonly Peer[] = [
  {
    name: 'YAKE',
    module: 'yake',
    storedDocumentsPerSecond: 21,
    storedF1: 0.195,
    against: 'statistical',
    program: `
import yake
extractor = yake.KeywordExtractor(lan='en', n=3, top=25)
extractor.extract_keywords(docs[0])
start = time.perf_counter()
found = [[k for k, _ in extractor.extract_keywords(d)] for d in docs]
`,
  },
  {
    name: 'KeyBERT with n-grams',
    module: 'keybert',
    storedDocumentsPerSecond: 3.1,
    storedF1: 0.102,
    against: 'transformer',
    program: `
import torch
torch.set_num_threads(1)
from keybert import KeyBERT
model = KeyBERT(sys.argv[4])
options = dict(keyphrase_ngram_range=(1, 3), stop_words='english', top_n=25)
model.extract_keywords(docs[:2], **options)
start = time.perf_counter()
found = model.extract_keywords(docs, **options)
found = [[k for k, _ in f] for f in (found if isinstance(found[0], list) else [found])]
`,
  },
];

/**
 * What KeyBERT does when it is given noun phrases, written out, as KeyBERT itself can rarely be installed: it embeds the
 * documents and the different phrases of all of them with MiniLM on onnxruntime, in batches of 64 of similar length, and
 * takes the 25 phrases nearest to each document. Parts of speech come with the input, for free.
 */
const nounPhraseProgram = `
${minilmProgram}
import json, sys, time
folder, model = sys.argv[1], sys.argv[2]
tagged, docs = json.load(open(f'{folder}/tagged.json')), json.load(open(f'{folder}/docs.json'))
embed = open_encoder(model, 'model.onnx', 1, 64)
def phrases(sentences):
    found = set()
    for words in sentences:
        run = []
        for word, pos in words + [['', 'X']]:
            if pos in ('NOUN', 'PROPN', 'ADJ'):
                if pos == 'ADJ' and run and run[-1][1] != 'ADJ':
                    found.add(' '.join(w for w, _ in run)); run = []
                run.append((word.lower(), pos))
            else:
                while run and run[-1][1] == 'ADJ': run.pop()
                if run: found.add(' '.join(w for w, _ in run))
                run = []
    return sorted(found)
embed(docs[:8])
start = time.perf_counter()
lists = [phrases(t) for t in tagged]
vocabulary = sorted({p for l in lists for p in l}); index = {p: i for i, p in enumerate(vocabulary)}
words, articles = embed(vocabulary), embed(docs)
found = []
for l, article in zip(lists, articles):
    near = words[[index[p] for p in l]] @ article if l else np.empty(0)
    found.append([l[i] for i in np.argsort(-near)[:25]])
print(json.dumps(dict(seconds=time.perf_counter() - start, found=found)))
`;

/** Writes what the program above reads beside the model. */
async function writeNounPhraseInput(folder: string, rows: readonly Row[]): Promise<void> {
  const docs = rows.map(({ text }) => text.replace(/\s+/g, ' ').trim());
  const { tag } = await loadEnglishTagger();
  const tagged = docs.map((text) => [tag(text).map((token) => [token.text, token.pos])]);
  writeFileSync(join(folder, 'docs.json'), JSON.stringify(docs));
  writeFileSync(join(folder, 'tagged.json'), JSON.stringify(tagged));
}

/** A line that starts with white space continues the one before; a first line that ends before the text is the title. */
function toDocument(text: string): TagDocument {
  const end = /\n(?!\s)/.exec(text)?.index ?? 0;
  return { title: text.slice(0, end).replace(/\s+/g, ' '), body: text.slice(end) };
}

export const race: Race = {
  summary:
    'Keyphrases: --data ROWS (text, keyphrases) [--split dev] [--limit N] [--fp32 DIR of MiniLM as ONNX] [--model NAME_OR_FOLDER of KeyBERT]; against KeyBERT with noun phrases, YAKE and KeyBERT, one thread.',
  async run({ options, python, progress, report }) {
    const { data, split = '', limit = '500', model = 'all-MiniLM-L6-v2', fp32 = fp32Folder } = options;
    if (data === undefined) throw new Error('The race needs --data ROWS.');
    const all = await readRows<Row>(data, ['text', 'keyphrases']);
    const rows = all.filter((row) => split === '' || row.split === split).slice(0, Number(limit));
    const golds = rows.map((row) => new Set(stemmedKeys(row.keyphrases)));
    const f1 = (keys: readonly (readonly string[])[]) => Number(macroF1(keys.map(stemmedKeys), golds, 10).toFixed(4));
    const fast = await createEmbedder();
    const embedder = await createEmbedder({ model: 'minilm', threads: 1 });
    const ours = {
      statistical: await run(createTagExtractor(), rows),
      static: await run(createTagExtractor({ embedder: fast }), rows),
      transformer: await run(createTagExtractor({ embedder }), rows),
    };
    await embedder.dispose();
    const quality = (against: keyof typeof ours) => {
      const { seconds, keys } = ours[against];
      return { documentsPerSecond: Number((rows.length / seconds).toFixed(1)), f1At10: f1(keys) };
    };
    const modules = ['onnxruntime', 'tokenizers', 'numpy'];
    if (python === undefined || !existsSync(fp32) || !modules.every((module) => hasModule(python, module))) {
      progress('KeyBERT with noun phrases needs --fp32, onnxruntime, tokenizers and numpy: left out');
    } else {
      const folder = mkdtempSync(join(tmpdir(), 'keyphrases-'));
      await writeNounPhraseInput(folder, rows);
      const peer = await runPython<{ seconds: number; found: string[][] }>(python, nounPhraseProgram, [folder, fp32]);
      rmSync(folder, { recursive: true });
      const peerQuality = { peerDocumentsPerSecond: rows.length / peer.seconds, peerF1At10: f1(peer.found) };
      for (const against of ['static', 'transformer'] as const) {
        const work = `${rows.length} documents, ${against} path against KeyBERT with noun phrases and ONNX, written out`;
        const seconds = { oursSeconds: ours[against].seconds, peerSeconds: peer.seconds };
        report({ work, ...seconds, quality: { ...quality(against), ...peerQuality } });
      }
    }
    for (const { name, module, against, program, storedDocumentsPerSecond, storedF1 } of peers) {
      const { seconds } = ours[against];
      const work = `${rows.length} documents, ${against} path against ${name}`;
      if (python === undefined || !hasModule(python, module)) {
        progress(`${name} is not installed: its figure is the stored one`);
        const storedPeerSeconds = rows.length / storedDocumentsPerSecond;
        report({
          work,
          oursSeconds: seconds,
          storedPeerSeconds,
          quality: { ...quality(against), peerF1At10: storedF1 },
        });
        continue;
      }
      const peer = await runPython<{ seconds: number; found: string[][] }>(
        python,
        `${prelude}${program}print(json.dumps(dict(seconds=time.perf_counter() - start, found=found)))`,
        [data, split, limit, model],
      );
      report({
        work,
        oursSeconds: seconds,
        peerSeconds: peer.seconds,
        quality: { ...quality(against), peerF1At10: f1(peer.found) },
      });
    }
  },
};

async function run(extractor: TagExtractor, rows: readonly Row[]): Promise<{ seconds: number; keys: string[][] }> {
  const documents = rows.map((row) => toDocument(row.text));
  await extractor.extract(documents[0]!);
  const keys: string[][] = [];
  const start = performance.now();
  for (const document of documents) {
    const { tags } = await extractor.extract(document);
    keys.push(tags.flatMap((tag) => [tag.name, ...tag.aliases]));
  }
  return { seconds: (performance.now() - start) / 1000, keys };
}
