/** Inclusive bounds of a numeric option; a missing side is unbounded. */
export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** Excludes `min` itself. @default false */
  readonly exclusiveMin?: boolean;
  /** Excludes `max` itself. @default false */
  readonly exclusiveMax?: boolean;
}

function describe(kind: string, range: NumberRange): string {
  const { min, max, exclusiveMin = false, exclusiveMax = false } = range;
  if (min === undefined && max === undefined) return `a ${kind}`.replace('a integer', 'an integer');
  const open = exclusiveMin || min === undefined ? '(' : '[';
  const close = exclusiveMax || max === undefined ? ')' : ']';
  const article = kind === 'integer' ? 'an' : 'a';
  return `${article} ${kind} in ${open}${min ?? '-∞'}, ${max ?? '∞'}${close}`;
}

function fail(caller: string, name: string, expected: string, value: unknown): never {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const sentence = `The ${name} option of ${caller} must be ${expected}. Got ${shown}.`;
  throw typeof value === 'number' || typeof value === 'string' ? new RangeError(sentence) : new TypeError(sentence);
}

function inRange(value: number, { min, max, exclusiveMin = false, exclusiveMax = false }: NumberRange): boolean {
  if (Number.isNaN(value)) return false;
  if (min !== undefined && (exclusiveMin ? value <= min : value < min)) return false;
  return max === undefined || (exclusiveMax ? value < max : value <= max);
}

/**
 * Returns `value` if it is an integer inside `range`.
 *
 * @param caller - the function or class the option belongs to, as the user writes it.
 * @throws RangeError with one sentence that names option, bounds and value; TypeError when it is not a number.
 * @example
 * checkInteger('KMeans.fit', 'nClusters', 3, { min: 1, max: 120 }) // => 3
 */
export function checkInteger(caller: string, name: string, value: number, range: NumberRange = {}): number {
  if (!Number.isInteger(value) || !inRange(value, range)) fail(caller, name, describe('integer', range), value);
  return value;
}

/**
 * Returns `value` if it is a number (infinities allowed where the range allows them) inside `range`.
 *
 * @throws RangeError with one sentence that names option, bounds and value; TypeError when it is not a number.
 * @example
 * checkNumber('umap', 'minDist', 0.1, { min: 0 }) // => 0.1
 */
export function checkNumber(caller: string, name: string, value: number, range: NumberRange = {}): number {
  if (typeof value !== 'number' || !inRange(value, range)) fail(caller, name, describe('number', range), value);
  return value;
}

/**
 * Returns `value` if it is one of `allowed`.
 *
 * @throws RangeError that lists the allowed values.
 * @example
 * checkOneOf('hdbscan', 'clusterSelectionMethod', 'eom', ['eom', 'leaf']) // => 'eom'
 */
export function checkOneOf<T extends string>(caller: string, name: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) fail(caller, name, `one of ${allowed.map((a) => `'${a}'`).join(', ')}`, value);
  return value;
}

/**
 * Returns `value` if it is a boolean.
 *
 * @throws TypeError with one sentence.
 * @example
 * checkBoolean('hdbscan', 'allowSingleCluster', true) // => true
 */
export function checkBoolean(caller: string, name: string, value: boolean): boolean {
  if (typeof value !== 'boolean') fail(caller, name, 'true or false', value);
  return value;
}

/**
 * Checks that every value of a row-major matrix is finite.
 *
 * @param cols - width of a row, so that the message can name the first bad row.
 * @param count - values to check. @default all
 * @throws RangeError that names the first row with NaN or an infinity.
 * @remarks O(n).
 * @example
 * checkFinite('umap', new Float32Array([1, 2, 3, 4]), 2) // => undefined
 */
export function checkFinite(caller: string, data: ArrayLike<number>, cols: number, count = data.length): void {
  for (let i = 0; i < count; i++) {
    const value = data[i]!;
    // x - x is 0 for every finite number and NaN otherwise: one comparison instead of a call.
    if (value - value !== 0) {
      throw new RangeError(
        `The input of ${caller} must hold finite numbers. Row ${Math.floor(i / cols)} holds ${value} in column ${i % cols}.`,
      );
    }
  }
}

/** A row-major matrix whose values are still to be checked. */
interface UncheckedMatrix {
  readonly data: ArrayLike<number>;
  readonly rows: number;
  readonly cols: number;
}

/**
 * Checks that a row-major matrix has whole numbers of rows and columns, and a value for each place; what `data` holds
 * beyond them is nobody's business.
 *
 * @throws RangeError with one sentence.
 * @remarks O(1).
 * @example
 * checkShape('umap', { data: new Float32Array(6), rows: 2, cols: 3 }) // => undefined
 */
export function checkShape(caller: string, { data, rows, cols }: UncheckedMatrix): void {
  for (const size of [rows, cols]) {
    if (!Number.isInteger(size) || size < 0) {
      throw new RangeError(
        `The input of ${caller} must have whole numbers of rows and columns. Got ${rows} × ${cols}.`,
      );
    }
  }
  if (!(data.length >= rows * cols)) {
    throw new RangeError(`The input of ${caller} must hold ${rows} × ${cols} values. Got ${data.length}.`);
  }
}

/**
 * Checks the shape of a row-major matrix as `checkShape` does, and that its values are finite.
 *
 * @throws RangeError with one sentence; for a value that is not finite it names the first row.
 * @remarks O(rows · cols).
 * @example
 * checkMatrix('umap', { data: new Float32Array(6), rows: 2, cols: 3 }) // => undefined
 */
export function checkMatrix(caller: string, matrix: UncheckedMatrix): void {
  checkShape(caller, matrix);
  const { data, rows, cols } = matrix;
  checkFinite(caller, data, cols, rows * cols);
}
