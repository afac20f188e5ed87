import type { CsrMatrix, Matrix } from '@matome/primitives/linalg';
import { dropoutMask, floatTensor, type OnnxTensor, type StepFeeds } from '@matome/primitives/onnx';
import type { RandomSource } from '@matome/primitives/random';
import { type EncodedRows, takeSparseRows } from '../features/encoded-rows.js';
import { layerWidths } from '../model/tower.js';
import { historyFeeds } from './history-feeds.js';
import type { PreparedData } from './training-data.js';
import { inputNames, type TrainingGraph } from './training-graph.js';
import type { TrainingPlan } from './training-options.js';

/** Arrays that are filled anew for every step: megabytes a step that the collector would have to look after. */
class StepArrays {
  private readonly known = new Map<string, Float32Array>();

  /** An array with whatever it held before. */
  take(name: string, length: number): Float32Array {
    const known = this.known.get(name);
    if (known && known.length >= length) return known.length === length ? known : known.subarray(0, length);
    const made = new Float32Array(length);
    this.known.set(name, made);
    return made;
  }
}

/** Puts together what a step is fed; the feeds of a step are good until those of the next one are asked for. */
export class BatchFeeder {
  private readonly arrays = new StepArrays();
  private readonly head: Int32Array;
  private readonly next: Int32Array;
  /** By group. */
  private readonly userWeights: Float32Array;

  constructor(
    private readonly data: PreparedData,
    private readonly graph: TrainingGraph,
    private readonly plan: TrainingPlan,
  ) {
    const { loss, batchSize } = plan;
    const itemCount = data.items.dense.rows;
    const drawn = loss.kind === 'bce' ? 0 : loss.candidates === 'all' ? itemCount : loss.uniformNegatives;
    this.head = new Int32Array(itemCount).fill(-1);
    this.next = new Int32Array(Math.max(Math.min(batchSize, data.pairs), drawn));
    this.userWeights = userWeights(data, loss.kind === 'bce' ? 0 : loss.balanceUsers);
  }

  /** @param pairs - places of the interactions. */
  feeds(pairs: Uint32Array, random: RandomSource): StepFeeds {
    const { data, graph, plan } = this;
    const { userRows, itemRows } = data.interactions;
    const users = takeRows(userRows, pairs);
    const items = takeRows(itemRows, pairs);
    const feeds: Record<string, OnnxTensor | CsrMatrix> = {};
    this.addTowerFeeds(feeds, 'user', data.users, users, random, data.history);
    if (data.history !== undefined && graph.user.tables.has(data.history)) {
      const rates = { bag: graph.user.bagRates[data.history] ?? 0, entry: plan.historyDropout };
      const { bag, share, own } = historyFeeds(data.users.bags[data.history]!, users, items, rates, random);
      feeds[inputNames.bag('user', data.history)] = bag;
      feeds[inputNames.share('user', data.history)] = share;
      feeds[inputNames.ownBag('user', data.history)] = own;
    }
    this.addTowerFeeds(feeds, 'item', data.items, items, random);
    if (plan.loss.kind === 'bce') {
      const labels = this.arrays.take('labels', pairs.length);
      for (let b = 0; b < pairs.length; b++) labels[b] = data.labels[pairs[b]!]!;
      feeds.labels = floatTensor([pairs.length], labels);
      return feeds;
    }
    const { uniformNegatives, logQ, candidates } = plan.loss;
    if (plan.loss.balanceUsers > 0) feeds.weights = floatTensor([pairs.length, 1], this.weightsOf(users));
    const itemCount = data.items.dense.rows;
    if (candidates === 'sampled') this.addCandidates(feeds, 'batch', users, items, items);
    if (candidates === 'all' || uniformNegatives > 0) {
      const drawn =
        candidates === 'all'
          ? Uint32Array.from({ length: itemCount }, (_, item) => item)
          : Uint32Array.from({ length: uniformNegatives }, () => Math.floor(random() * itemCount));
      this.addTowerFeeds(feeds, 'negative', data.items, drawn, random);
      this.addCandidates(feeds, 'negatives', users, items, drawn);
    }
    if (logQ === 'standard') {
      feeds['positive:correction'] = floatTensor([pairs.length, 1], this.correction(items, pairs.length));
    }
    return feeds;
  }

  private addTowerFeeds(
    feeds: Record<string, OnnxTensor | CsrMatrix>,
    prefix: 'user' | 'item' | 'negative',
    encoded: EncodedRows,
    rows: Uint32Array,
    random: RandomSource,
    except?: string,
  ): void {
    const { shape, rates, bagRates } = this.graph[prefix === 'user' ? 'user' : 'item'];
    const array = (name: string, cols: number) => this.arrays.take(name, rows.length * cols);
    if (shape.dense > 0) {
      const name = inputNames.dense(prefix);
      const values = copyRows(encoded.dense, rows, array(name, shape.dense));
      feeds[name] = floatTensor([rows.length, shape.dense], values);
    }
    for (const { name } of shape.bags) {
      if (name === except) continue;
      const bag = takeSparseRows(encoded.bags[name]!, rows);
      feeds[inputNames.bag(prefix, name)] = bagRates[name] ? emptySomeRows(bag, bagRates[name], random) : bag;
    }
    const widths = layerWidths(shape);
    rates.forEach((rate, i) => {
      if (rate === 0) return;
      const name = inputNames.mask(prefix, i);
      const mask = dropoutMask(array(name, widths[i]!), rate, random, 1);
      feeds[name] = floatTensor([rows.length, widths[i]!], mask);
    });
  }

  private weightsOf(users: Uint32Array): Float32Array {
    return Float32Array.from(users, (user) => this.userWeights[this.data.userGroups[user]!]!);
  }

  /** Which candidates are no negatives of a user, and how often each is to be expected among the candidates. */
  private addCandidates(
    feeds: Record<string, OnnxTensor | CsrMatrix>,
    name: string,
    users: Uint32Array,
    own: Uint32Array,
    candidates: Uint32Array,
  ): void {
    const loss = this.plan.loss as { readonly logQ: string; readonly excludeKnown: boolean };
    const { liked, userGroups } = this.data;
    const { head, next } = this;
    const width = candidates.length;
    for (let c = 0; c < width; c++) {
      next[c] = head[candidates[c]!]!;
      head[candidates[c]!] = c;
    }
    const excluded = new Uint8Array(users.length * width);
    for (let b = 0; b < users.length; b++) {
      const group = userGroups[users[b]!]!;
      const known = loss.excludeKnown
        ? liked.indices.subarray(liked.indptr[group]!, liked.indptr[group + 1]!)
        : own.subarray(b, b + 1);
      for (let k = 0; k < known.length; k++) {
        for (let c = head[known[k]!]!; c >= 0; c = next[c]!) excluded[b * width + c] = 1;
      }
    }
    for (let c = 0; c < width; c++) head[candidates[c]!] = -1;
    feeds[`${name}:excluded`] = { type: 'bool', dims: [users.length, width], data: excluded };
    if (loss.logQ !== 'none') {
      feeds[`${name}:correction`] = floatTensor([1, width], this.correction(candidates, users.length));
    }
  }

  /**
   * Logarithm of how often an item is expected among the candidates of a row: batch - 1 draws by popularity and the
   * uniform ones together, so that an item may come from either without counting twice.
   */
  private correction(items: Uint32Array, batch: number): Float32Array {
    const { itemShare } = this.data;
    const uniform = (this.plan.loss as { readonly uniformNegatives: number }).uniformNegatives / itemShare.length;
    const others = Math.max(1, batch - 1);
    return Float32Array.from(items, (item) => Math.log(Math.max(1e-12, others * itemShare[item]! + uniform)));
  }
}

/** Pairs of a user with n likes count n^-balance, brought to a mean of 1 over all pairs. */
function userWeights({ liked, userGroups, interactions, positives }: PreparedData, balance: number): Float32Array {
  const weights = Float32Array.from({ length: liked.rows }, (_, group) => {
    const likes = liked.indptr[group + 1]! - liked.indptr[group]!;
    return Math.max(1, likes) ** -balance;
  });
  let sum = 0;
  for (const pair of positives) sum += weights[userGroups[interactions.userRows[pair]!]!]!;
  return weights.map((weight) => (weight * positives.length) / sum);
}

function emptySomeRows(bag: CsrMatrix, rate: number, random: RandomSource): CsrMatrix {
  const data = bag.data.slice();
  for (let r = 0; r < bag.rows; r++) if (random() < rate) data.fill(0, bag.indptr[r]!, bag.indptr[r + 1]!);
  return { ...bag, data };
}

function takeRows(values: ArrayLike<number>, places: Uint32Array): Uint32Array {
  const taken = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) taken[i] = values[places[i]!]!;
  return taken;
}

/** Rows of a matrix one after the other in `out`. */
function copyRows({ data, cols }: Matrix, rows: Uint32Array, out: Float32Array): Float32Array {
  for (let i = 0; i < rows.length; i++) out.set(data.subarray(rows[i]! * cols, (rows[i]! + 1) * cols), i * cols);
  return out;
}
