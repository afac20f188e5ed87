/**
 * The `k`-th smallest of the values from `start` up to `end`, which are put into another order.
 *
 * @param k - from 1 to `end - start`.
 * @remarks O(end - start) time on average.
 * @see Hoare (1961), Algorithm 65: Find, doi:10.1145/366622.366647
 */
export function kthSmallest(values: Uint16Array | Float64Array, start: number, end: number, k: number): number {
  let low = start;
  let high = end - 1;
  const target = start + k - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (target <= j) high = j;
    else if (target >= i) low = i;
    else break;
  }
  return values[target]!;
}
