import { createMemory } from '../wasm/index.js';
import type { Optimizer } from './optimizers.js';
import { createUpdateKernel, type UpdateKernel } from './update-kernel.js';

/** WebAssembly addresses end at 4 GiB; larger models are updated value by value. */
const mostBytes = 65_535 * 65_536;
/** Values whose squares are summed in float32 before they go into a float64 sum. */
const squaresStretch = 4096;

/** Parameters, optimiser state and gradients side by side in one memory, so that one call updates all of them. */
export class UpdateMemory {
  readonly parameters: readonly Float32Array[];
  /** By slot, then by parameter. */
  readonly slots: readonly (readonly Float32Array[])[];
  readonly gradients: readonly Float32Array[];
  private readonly kernel: UpdateKernel | undefined;
  /** Bytes of one kind of values. */
  private readonly stride: number;

  /** @param sizes - number of values of each parameter. */
  constructor(sizes: readonly number[], slotCount: number) {
    // Sixteen bytes are one step of the kernel: the gaps hold zeros, and an update keeps them zero.
    const padded = sizes.map((size) => Math.ceil(size / 4) * 16);
    this.stride = padded.reduce((sum, bytes) => sum + bytes, 0);
    const kinds = slotCount + 2;
    const bytes = kinds * this.stride;
    const shared = bytes > 0 && bytes <= mostBytes ? createMemory(bytes) : undefined;
    const starts = padded.map((_, i) => padded.slice(0, i).reduce((sum, length) => sum + length, 0));
    const views = (kind: number) =>
      sizes.map((size, i) =>
        shared ? new Float32Array(shared.buffer, kind * this.stride + starts[i]!, size) : new Float32Array(size),
      );
    this.kernel = shared && createUpdateKernel(shared);
    this.parameters = views(0);
    this.slots = Array.from({ length: slotCount }, (_, s) => views(1 + s));
    this.gradients = views(kinds - 1);
  }

  /** Σ g² over all gradients. */
  squaredNorm(): number {
    let sum = 0;
    if (!this.kernel) {
      for (const gradient of this.gradients) for (const g of gradient) sum += g * g;
      return sum;
    }
    const start = (this.slots.length + 1) * this.stride;
    for (let at = 0; at < this.stride; at += 4 * squaresStretch) {
      sum += this.kernel.squares(start + at, Math.min(4 * squaresStretch, this.stride - at));
    }
    return sum;
  }

  /** Updates all parameters by their gradients; `scale` multiplies those first. */
  apply(optimizer: Optimizer, scalars: Readonly<Record<string, number>>, scale: number): void {
    const { kernel, stride, slots } = this;
    const { fused } = optimizer;
    if (kernel && fused && slots.length === 2) {
      const { stepSize, rootScale, keep } = scalars as Record<'stepSize' | 'rootScale' | 'keep', number>;
      const { beta1, beta2, epsilon } = fused;
      kernel.adamw(0, stride, 2 * stride, 3 * stride, stride, beta1, beta2, epsilon, stepSize, rootScale, keep, scale);
      return;
    }
    for (const [i, parameter] of this.parameters.entries()) {
      const range = { parameter, gradient: this.gradients[i]!, slots: slots.map((views) => views[i]!) };
      optimizer.apply({ ...range, parameterStart: 0, gradientStart: 0, length: parameter.length }, scalars, scale);
    }
  }
}
