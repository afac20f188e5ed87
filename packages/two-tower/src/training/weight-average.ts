/** Snapshots of an epoch that go into the mean. */
const snapshotsPerEpoch = 8;

/** What has to be kept of a mean to go on with it. */
export interface WeightAverageState {
  readonly count: number;
  readonly weights: Record<string, Float32Array>;
}

/**
 * Moving mean of weights: a plain mean of all snapshots until there are as many as `epochs` take, then each new one moves
 * it by the same share.
 *
 * @see Polyak, Juditsky (1992), Acceleration of stochastic approximation by averaging, doi:10.1137/0330046
 * @see Izmailov et al. (2018), Averaging weights leads to wider optima and better generalization, arXiv:1803.05407
 */
export class WeightAverage {
  private readonly interval: number;
  private readonly span: number;
  private count = 0;
  private weights: Record<string, Float32Array> = {};

  /** @param epochs - length of the memory, may be broken. */
  constructor(epochs: number, stepsPerEpoch: number) {
    this.interval = Math.max(1, Math.round(stepsPerEpoch / snapshotsPerEpoch));
    this.span = Math.max(1, (epochs * stepsPerEpoch) / this.interval);
  }

  /** Takes the weights in after some of the steps. @param step - of the epoch, from 1. */
  afterStep(step: number, current: () => Readonly<Record<string, Float32Array>>): void {
    if (step % this.interval !== 0) return;
    this.count++;
    const share = 1 / Math.min(this.count, this.span);
    for (const [name, values] of Object.entries(current())) {
      const mean = this.weights[name];
      if (!mean) this.weights[name] = values.slice();
      else for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! + share * (values[i]! - mean[i]!);
    }
  }

  /** A copy of the mean; undefined before the first snapshot. */
  mean(): Record<string, Float32Array> | undefined {
    return this.count === 0 ? undefined : this.state().weights;
  }

  state(): WeightAverageState {
    const weights = Object.fromEntries(Object.entries(this.weights).map(([name, mean]) => [name, mean.slice()]));
    return { count: this.count, weights };
  }

  restore({ count, weights }: WeightAverageState): void {
    this.count = count;
    this.weights = weights;
  }
}
