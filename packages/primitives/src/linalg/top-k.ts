/**
 * Indices of the `k` highest scores, highest first; equal scores by smaller index. NaN ranks last.
 *
 * @param k - clamped to the number of scores.
 * @remarks O(n log k) time, O(k) memory.
 * @example
 * [...topK([0.1, 0.9, 0.5], 2)] // => [1, 2]
 */
export function topK(scores: ArrayLike<number>, k: number): Uint32Array {
  const size = Math.max(0, Math.min(k, scores.length));
  const heap = new Uint32Array(size);
  let count = 0;
  const rank = (i: number) => (Number.isNaN(scores[i]!) ? Number.NEGATIVE_INFINITY : scores[i]!);
  const worse = (a: number, b: number) => rank(a) < rank(b) || (rank(a) === rank(b) && a > b);
  const siftDown = (start: number) => {
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) return;
      if (child + 1 < count && worse(heap[child + 1]!, heap[child]!)) child++;
      if (!worse(heap[child]!, heap[at]!)) return;
      [heap[at], heap[child]] = [heap[child]!, heap[at]!];
      at = child;
    }
  };
  if (size === 0) return heap;
  for (let i = 0; i < scores.length; i++) {
    if (count < size) {
      heap[count++] = i;
      if (count === size) for (let at = (size >> 1) - 1; at >= 0; at--) siftDown(at);
    } else if (worse(heap[0]!, i)) {
      heap[0] = i;
      siftDown(0);
    }
  }
  return heap.sort((a, b) => (worse(a, b) ? 1 : -1));
}
