import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createEmbedder,
  createOnnxEmbedder,
  createWorkerEmbedder,
  type LoadedEmbedder,
} from '@matome/primitives/embedding';
import { dot, row } from '@matome/primitives/linalg';
import { splitSentences } from '@matome/primitives/text';
import { fp32Folder, minilmProgram, q8Folder } from '../minilm.js';
import { hasModule, type Race, type RaceContext, runPython } from '../race.js';

const golden = fileURLToPath(new URL('../../../packages/recap-core/data/golden/', import.meta.url));

/** English sentences of the golden items of the genres, the same ones at every run. */
function sentences(count: number): string[] {
  const found: string[] = [];
  for (const file of readdirSync(golden).sort()) {
    for (const line of readFileSync(golden + file, 'utf8').split('\n')) {
      if (line === '') continue;
      const { content_en: text } = JSON.parse(line) as { content_en?: string };
      if (text) found.push(...splitSentences(text, 'en').filter(({ length }) => length >= 30 && length <= 300));
    }
  }
  return found.slice(0, count);
}

/** Tokenises, runs in length-sorted batches and pools, as one would write it against onnxruntime. */
const onnxProgram = `
${minilmProgram}
import json, sys, time
folder, file, threads, batch, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
texts = json.load(open(sys.argv[6]))
encode = open_encoder(folder, file, threads, batch)
encode(texts[:64])
seconds = []
for _ in range(rounds):
    start = time.perf_counter(); v = encode(texts); seconds.append(time.perf_counter() - start)
print(json.dumps(dict(seconds=seconds, first=v[0].tolist())))
`;

const torchProgram = `
import json, sys, time
threads, rounds = int(sys.argv[3]), int(sys.argv[5])
import torch; torch.set_num_threads(threads)
from sentence_transformers import SentenceTransformer
from sentence_transformers import models as modules
texts = json.load(open(sys.argv[6]))
model = SentenceTransformer(modules=[modules.Transformer(sys.argv[2], max_seq_length=256), modules.Pooling(384, pooling_mode="mean"), modules.Normalize()], device="cpu")
model.encode(texts[:64])
seconds = []
for _ in range(rounds):
    start = time.perf_counter(); v = model.encode(texts, batch_size=32); seconds.append(time.perf_counter() - start)
print(json.dumps(dict(seconds=seconds, first=v[0].tolist())))
`;

interface PeerResult {
  readonly seconds: number[];
  readonly first: number[];
}

interface Runner {
  readonly work: string;
  /** Sentences a second measured on another machine, for when the peer is absent. */
  readonly storedPerSecond: number;
  readonly module: string;
  readonly present: boolean;
  readonly peer: (textsPath: string, rounds: number) => Promise<PeerResult>;
  readonly ours: () => Promise<LoadedEmbedder>;
}

function runners({ options, python }: RaceContext, threads: number): Runner[] {
  const fp32 = options['fp32'] ?? fp32Folder;
  const q8 = options['q8'] ?? q8Folder;
  const ask =
    (program: string, folder: string, file: string, batch: number) =>
    async (textsPath: string, rounds: number): Promise<PeerResult> => {
      const settings = [threads, batch, rounds].map(String);
      return runPython<PeerResult>(python!, program, [folder, file, ...settings, textsPath], threads);
    };
  const minilm = () => createEmbedder({ model: 'minilm', threads });
  return [
    {
      work: 'MiniLM, our graph against onnxruntime fp32',
      storedPerSecond: threads === 1 ? 333 : 584,
      module: 'onnxruntime, tokenizers',
      present: existsSync(fp32),
      peer: ask(onnxProgram, fp32, 'model.onnx', 32),
      ours: minilm,
    },
    ...(threads > 1
      ? [
          {
            work: `MiniLM, our graph in ${threads} workers against onnxruntime fp32`,
            storedPerSecond: 584,
            module: 'onnxruntime, tokenizers',
            present: existsSync(fp32),
            peer: ask(onnxProgram, fp32, 'model.onnx', 32),
            ours: () => createWorkerEmbedder({ create: { model: 'minilm', threads: 1 }, workers: threads }),
          },
        ]
      : []),
    {
      work: 'MiniLM, ONNX folder against onnxruntime fp32',
      storedPerSecond: threads === 1 ? 333 : 584,
      module: 'onnxruntime, tokenizers',
      present: existsSync(fp32),
      peer: ask(onnxProgram, fp32, 'model.onnx', 32),
      ours: () => createOnnxEmbedder({ directory: fp32, threads }),
    },
    {
      work: 'MiniLM, quantised ONNX folder against onnxruntime q8, text by text both',
      storedPerSecond: threads === 1 ? 812 : 1148,
      module: 'onnxruntime, tokenizers',
      present: existsSync(q8),
      peer: ask(onnxProgram, q8, 'model_quantized.onnx', 1),
      ours: () => createOnnxEmbedder({ directory: q8, threads }),
    },
    {
      work: 'MiniLM, our graph against sentence-transformers (torch)',
      storedPerSecond: threads === 1 ? 120 : 221,
      module: 'sentence_transformers',
      present: options['torch'] !== undefined,
      peer: ask(torchProgram, '', options['torch'] ?? '', 32),
      ours: minilm,
    },
  ];
}

/** Sentences a second, tokenisation included, ours and the peer's turn by turn. */
export const race: Race = {
  summary:
    'Sentences a second: onnxruntime and sentence-transformers in Python. --threads 1, --texts 500, --fp32 DIR, --q8 DIR, --torch DIR (a folder that transformers loads).',
  async run(context) {
    const { options, python, progress, report } = context;
    const threads = Number(options['threads'] ?? 1);
    const texts = sentences(Number(options['texts'] ?? 500));
    const folder = mkdtempSync(join(tmpdir(), 'matome-race-'));
    const textsPath = join(folder, 'texts.json');
    writeFileSync(textsPath, JSON.stringify(texts));
    for (const { work, storedPerSecond, module, present, peer, ours } of runners(context, threads)) {
      const able = present && python !== undefined && module.split(', ').every((name) => hasModule(python, name));
      if (!able && work.includes('folder')) {
        progress(`${work}: no such folder here`);
        continue;
      }
      progress(`${work}, ${texts.length} sentences, ${threads} threads`);
      const embedder = await ours();
      await embedder.embed(texts.slice(0, 64));
      const own: number[] = [];
      const theirs: number[] = [];
      let cosine: number | undefined;
      for (let round = 0; round < 3; round++) {
        const start = performance.now();
        const vectors = await embedder.embed(texts);
        own.push((performance.now() - start) / 1000);
        if (!able) continue;
        const result = await peer(textsPath, 1);
        theirs.push(...result.seconds);
        cosine = dot(row(vectors, 0), result.first);
      }
      await embedder.dispose();
      const seconds = middle(own);
      report({
        work: `${work}, ${threads} threads`,
        oursSeconds: seconds,
        ...(able ? { peerSeconds: middle(theirs) } : { storedPeerSeconds: texts.length / storedPerSecond }),
        quality: {
          perSecond: texts.length / seconds,
          best: texts.length / Math.min(...own),
          peerBest: able ? texts.length / Math.min(...theirs) : undefined,
          cosineOfFirst: cosine,
        },
      });
    }
    rmSync(folder, { recursive: true });
  },
};

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
