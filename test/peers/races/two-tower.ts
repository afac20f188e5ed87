import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import { loadOnnxRuntime } from '@matome/primitives/onnx';
import { createRandom, normalSample } from '@matome/primitives/random';
import { fitTwoTower, type TrainingData, type TwoTowerModel, type TwoTowerOptions } from '@matome/two-tower';
import { hasModule, type Race, type RaceContext } from '../race.js';

/** The same work in torch; each line on standard input is answered with its seconds and loss or peak memory. */
const program = `
import sys, time, json, resource, warnings
warnings.filterwarnings('ignore')
import torch, torch.nn as nn, torch.nn.functional as F
torch.set_num_threads(int(sys.argv[1])); torch.manual_seed(42)
U, I, n = torch.randn(20000, 225), torch.randn(10000, 219), 400000
ui, ii = torch.randint(0, 20000, (n,)), torch.randint(0, 10000, (n,))
y = (torch.rand(n) < 0.25).float()
logq = torch.log(torch.bincount(ii, minlength=10000).clamp(min=1) / n)
class Tower(nn.Module):
    def __init__(s, d):
        super().__init__()
        s.n = nn.Sequential(nn.Linear(d, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 256), nn.ReLU(), nn.Dropout(0.1), nn.Linear(256, 256))
    def forward(s, x): return F.normalize(s.n(x), dim=1)
a, b = Tower(225), Tower(219)
P = list(a.parameters()) + list(b.parameters())
opt = torch.optim.AdamW(P, lr=1e-3, weight_decay=1e-5)
bce = nn.BCEWithLogitsLoss()
def train(kind, batch, steps):
    perm, total = torch.randperm(n), 0.0
    for s in range(steps):
        j = perm[(s * batch) % (n - batch):][:batch]
        opt.zero_grad()
        u, v = a(U[ui[j]]), b(I[ii[j]])
        if kind == 'bce': loss = bce((u * v).sum(1), y[j])
        else:
            k = ii[j]; hit = k[:, None] == k[None, :]; hit.fill_diagonal_(False)
            s_ = (u @ v.T / 0.1 - logq[k][None, :]).masked_fill(hit, -1e9)
            loss = F.cross_entropy(s_, torch.arange(batch))
        loss.backward(); nn.utils.clip_grad_norm_(P, 5.0); opt.step(); total += float(loss.detach())
    return total / steps
@torch.no_grad()
def embed(rows):
    b.eval(); out = torch.empty(rows, 256); big = torch.randn(rows, 219)
    t = time.perf_counter()
    for s in range(0, rows, 2048): out[s:s + 2048] = b(big[s:s + 2048])
    b.train(); return time.perf_counter() - t
for line in sys.stdin:
    kind, size, steps = line.split()
    t = time.perf_counter()
    if kind == 'embed': seconds, loss = embed(int(size)), 0
    else:
        loss = train(kind, int(size), int(steps)); seconds = time.perf_counter() - t
    print(json.dumps(dict(seconds=seconds, loss=loss, peakRssMb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)), flush=True)
`;

interface Answer {
  readonly seconds: number;
  readonly loss: number;
  readonly peakRssMb: number;
}

/** A torch process that waits between its turns, so that both sides meet the same neighbours on the machine. */
class Torch {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  constructor(python: string, threads: number) {
    const limit = String(threads);
    this.child = spawn(python, ['-c', program, limit], {
      env: { ...process.env, OMP_NUM_THREADS: limit, MKL_NUM_THREADS: limit },
    });
    this.child.stderr.resume();
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async ask(kind: string, size: number, steps: number): Promise<Answer> {
    this.child.stdin.write(`${kind} ${size} ${steps}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('The torch process ended.');
    return JSON.parse(value) as Answer;
  }

  close(): void {
    this.child.stdin.end();
  }
}

function randomRows(rows: number, cols: number, seed: number): Matrix {
  const random = createRandom(seed);
  const matrix = createMatrix(rows, cols);
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = normalSample(random);
  return matrix;
}

/** As many pairs as an epoch of the timed steps needs. */
function trainingData(pairs: number): TrainingData {
  const random = createRandom(7);
  const draw = (bound: number) => Uint32Array.from({ length: pairs }, () => Math.floor(random() * bound));
  return {
    users: { dense: randomRows(20_000, 225, 1), bags: {} },
    items: { dense: randomRows(10_000, 219, 2), bags: {} },
    interactions: { userRows: draw(20_000), itemRows: draw(10_000) },
  };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

interface Turns {
  readonly ours: number;
  readonly theirs: number | undefined;
  readonly ourLoss: number;
  readonly theirLoss: number | undefined;
  readonly theirPeakRssMb: number | undefined;
  readonly model: TwoTowerModel;
}

/** Trains `rounds + 1` stretches of `steps` steps; the peer has its turn after each of ours, the first is not counted. */
async function takeTurns(
  data: TrainingData,
  options: TwoTowerOptions,
  { rounds, steps, torch, kind }: { rounds: number; steps: number; torch: Torch | undefined; kind: string },
): Promise<Turns> {
  const ours: number[] = [];
  const theirs: number[] = [];
  let last: Answer | undefined;
  let start = 0;
  const model = await fitTwoTower(data, {
    ...options,
    epochs: rounds + 1,
    onEpoch: () => void ours.push((performance.now() - start) / 1000),
    onProgress: ({ stage, completed }) => {
      if (stage === 'train' && start === 0 && completed > 0) start = performance.now();
    },
    onCheckpoint: async () => {
      const answer = await torch?.ask(kind, options.batchSize!, steps);
      if (answer) theirs.push(answer.seconds);
      last = answer;
      start = performance.now();
    },
  });
  const counted = (values: readonly number[]) => median(values.slice(1));
  return {
    ours: counted(ours),
    theirs: torch && counted(theirs),
    ourLoss: model.history.at(-1)!.loss,
    theirLoss: last?.loss,
    theirPeakRssMb: last?.peakRssMb,
    model,
  };
}

/** In a function of its own, so that the rows can be collected before the next part. */
async function embedItems(model: TwoTowerModel, rounds: number, torch: Torch | undefined) {
  const items = { dense: randomRows(100_000, 219, 3), bags: {} };
  const times = { ours: [] as number[], theirs: [] as number[] };
  let peak: Answer | undefined;
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await model.embedItems(items);
    times.ours.push((performance.now() - start) / 1000);
    peak = await torch?.ask('embed', 100_000, 1);
    if (peak) times.theirs.push(peak.seconds);
  }
  return {
    oursSeconds: median(times.ours.slice(1)),
    peerSeconds: torch && median(times.theirs.slice(1)),
    quality: peaks(peak?.peakRssMb),
  };
}

async function run({ options, python, progress, report }: RaceContext): Promise<void> {
  const threads = Number(options.threads ?? 1);
  const steps = Number(options.steps ?? 150);
  const rounds = Number(options.rounds ?? 3);
  const torch = python !== undefined && hasModule(python, 'torch') ? new Torch(python, threads) : undefined;
  const runtime = await loadOnnxRuntime({ threads });
  const tower = { hidden: [512, 256], dropout: [0.2, 0.1] };
  const common = {
    runtime,
    embeddingDim: 256,
    user: tower,
    item: tower,
    learningRate: 1e-3,
    weightDecay: 1e-5,
    clipNorm: 5,
  };
  try {
    progress(`binary loss, batch 256, ${threads} threads`);
    const pairs = trainingData(256 * steps);
    const labels = Array.from(createLabels(256 * steps));
    const bce = { ...common, batchSize: 256, loss: { kind: 'bce' as const } };
    const first = await takeTurns({ ...pairs, labels }, bce, { rounds, steps, torch, kind: 'bce' });
    const perEpoch = (seconds: number) => (seconds / steps) * Math.ceil(400_000 / 256);
    report({
      work: `an epoch of 400,000 pairs, 225 and 219 features, batch 256, ${threads} threads`,
      oursSeconds: perEpoch(first.ours),
      peerSeconds: first.theirs === undefined ? undefined : perEpoch(first.theirs),
      storedPeerSeconds: first.theirs === undefined ? (threads === 1 ? 18.4 : 12.3) : undefined,
      quality: { loss: first.ourLoss, peerLoss: first.theirLoss, ...peaks(first.theirPeakRssMb) },
    });
    progress('embedding 100,000 items');
    report({
      ...(await embedItems(first.model, rounds, torch)),
      work: `vectors of 100,000 items, 219 features, ${threads} threads`,
    });
    progress('in-batch softmax, batch 4,096');
    const large = Math.max(4, Math.round(steps / 15));
    const softmax = { ...common, batchSize: 4096, loss: { kind: 'softmax' as const, excludeKnown: false } };
    const second = await takeTurns(trainingData(4096 * large), softmax, {
      rounds,
      steps: large,
      torch,
      kind: 'softmax',
    });
    report({
      work: `a step of in-batch softmax, batch 4,096, ${threads} threads`,
      oursSeconds: second.ours / large,
      peerSeconds: second.theirs === undefined ? undefined : second.theirs / large,
      quality: {
        loss: second.ourLoss,
        peerLoss: second.theirLoss,
        ...peaks(second.theirPeakRssMb),
      },
    });
  } finally {
    torch?.close();
    await runtime.dispose();
  }
}

/** Highest memory of both processes so far; ours holds the program that measures, too. */
function peaks(theirs: number | undefined): Record<string, number | undefined> {
  const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  return { peakRssMb, peerPeakRssMb: theirs === undefined ? undefined : Math.round(theirs) };
}

function* createLabels(count: number): Generator<number> {
  const random = createRandom(9);
  for (let i = 0; i < count; i++) yield random() < 0.25 ? 1 : 0;
}

/** The trainer against PyTorch, both on the same number of threads and in turns. */
export const race: Race = {
  summary: 'Two-tower training and embedding against PyTorch; --threads 1, --steps 150, --rounds 3.',
  run,
};
