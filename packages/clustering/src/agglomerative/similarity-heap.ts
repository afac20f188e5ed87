/** A max-heap of pairs by similarity; equal similarities come out by smaller first, then smaller second member. */
export class SimilarityHeap {
  private values = new Float64Array(16);
  private firsts = new Int32Array(16);
  private seconds = new Int32Array(16);
  private count = 0;
  /** First member of the pair that `pop` took out. */
  a = -1;
  /** Second member of the pair that `pop` took out. */
  b = -1;

  /** Adds a pair. */
  push(value: number, a: number, b: number): void {
    if (this.count === this.values.length) this.grow();
    let at = this.count++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.precedes(value, a, b, parent)) break;
      this.move(parent, at);
      at = parent;
    }
    this.put(at, value, a, b);
  }

  /** Takes the most similar pair out into `a` and `b`; false when there is none. */
  pop(): boolean {
    if (this.count === 0) return false;
    const { values, firsts, seconds } = this;
    this.a = firsts[0]!;
    this.b = seconds[0]!;
    const count = --this.count;
    const value = values[count]!;
    const a = firsts[count]!;
    const b = seconds[count]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      const right = child + 1;
      if (right < count && this.precedes(values[right]!, firsts[right]!, seconds[right]!, child)) child = right;
      if (this.precedes(value, a, b, child)) break;
      this.move(child, at);
      at = child;
    }
    this.put(at, value, a, b);
    return true;
  }

  private precedes(value: number, a: number, b: number, other: number): boolean {
    const theirs = this.values[other]!;
    if (value !== theirs) return value > theirs;
    return a !== this.firsts[other]! ? a < this.firsts[other]! : b < this.seconds[other]!;
  }

  private move(from: number, to: number): void {
    this.put(to, this.values[from]!, this.firsts[from]!, this.seconds[from]!);
  }

  private put(at: number, value: number, a: number, b: number): void {
    this.values[at] = value;
    this.firsts[at] = a;
    this.seconds[at] = b;
  }

  private grow(): void {
    const capacity = 2 * this.count;
    const { values, firsts, seconds } = this;
    this.values = new Float64Array(capacity);
    this.firsts = new Int32Array(capacity);
    this.seconds = new Int32Array(capacity);
    this.values.set(values);
    this.firsts.set(firsts);
    this.seconds.set(seconds);
  }
}
