/** Writes the gradient at `point` into `gradient` and returns the value. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** Options of `minimizeLbfgs`. */
export interface LbfgsOptions {
  /** Largest absolute gradient that counts as solved. @default 1e-6 */
  readonly tolerance?: number;
  /** @default 200 */
  readonly maxIterations?: number;
}

/** Where the search ended. */
export interface LbfgsResult {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

const memory = 10;

/**
 * Minimises a smooth function by limited-memory BFGS with a backtracking Wolfe search.
 *
 * @param start - is not modified.
 * @remarks About one evaluation an iteration; 2 · 10 · d numbers of memory.
 * @see Nocedal, Wright (2006), Numerical Optimization, algorithms 7.4 and 3.5, doi:10.1007/978-0-387-40065-5
 */
export function minimizeLbfgs(objective: Objective, start: Float64Array, options: LbfgsOptions = {}): LbfgsResult {
  const { tolerance = 1e-6, maxIterations = 200 } = options;
  const size = start.length;
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let point: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(size);
  let value = objective(point, gradient);
  let iterations = 0;
  while (largest(gradient) > tolerance && iterations < maxIterations) {
    iterations++;
    let direction = searchDirection(gradient, steps, changes);
    if (product(direction, gradient) >= 0) {
      steps.length = 0;
      changes.length = 0;
      direction = gradient.map((g) => -g);
    }
    const first = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(product(gradient, gradient))) : 1;
    const found = lineSearch(objective, point, value, gradient, direction, first);
    if (found === undefined) break;
    const step = new Float64Array(size);
    const change = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      step[i] = found.point[i]! - point[i]!;
      change[i] = found.gradient[i]! - gradient[i]!;
    }
    if (product(step, change) > 1e-300) {
      steps.push(step);
      changes.push(change);
      if (steps.length > memory) {
        steps.shift();
        changes.shift();
      }
    }
    ({ point, value, gradient } = found);
  }
  return { point, value, iterations, converged: largest(gradient) <= tolerance };
}

/** The two-loop recursion: minus the inverse Hessian, as the last steps suggest it, times the gradient. */
function searchDirection(gradient: Float64Array, steps: readonly Float64Array[], changes: readonly Float64Array[]) {
  const direction = gradient.map((g) => -g);
  const shares = new Float64Array(steps.length);
  for (let k = steps.length - 1; k >= 0; k--) {
    shares[k] = product(steps[k]!, direction) / product(steps[k]!, changes[k]!);
    addScaled(direction, changes[k]!, -shares[k]!);
  }
  const last = steps.length - 1;
  if (last >= 0) {
    const scale = product(steps[last]!, changes[last]!) / product(changes[last]!, changes[last]!);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (let k = 0; k < steps.length; k++) {
    const share = product(changes[k]!, direction) / product(steps[k]!, changes[k]!);
    addScaled(direction, steps[k]!, shares[k]! - share);
  }
  return direction;
}

interface Trial {
  readonly point: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Bisection until the weak Wolfe conditions hold; the best point seen when rounding hides any progress. */
function lineSearch(
  objective: Objective,
  point: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  first: number,
): Trial | undefined {
  const slope = product(direction, gradient);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let length = first;
  let best: Trial | undefined;
  for (let trial = 0; trial < 40; trial++) {
    const next = new Float64Array(point.length);
    for (let i = 0; i < next.length; i++) next[i] = point[i]! + length * direction[i]!;
    const nextGradient = new Float64Array(point.length);
    const nextValue = objective(next, nextGradient);
    if (nextValue < (best?.value ?? value)) best = { point: next, value: nextValue, gradient: nextGradient };
    if (!(nextValue <= value + 1e-4 * length * slope)) high = length;
    else if (product(direction, nextGradient) < 0.9 * slope) low = length;
    else return { point: next, value: nextValue, gradient: nextGradient };
    length = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
  }
  return best;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(target: Float64Array, values: Float64Array, scale: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += scale * values[i]!;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
