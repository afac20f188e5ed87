/** A max-heap of pairs by similarity; equal similarities come out by smaller first, then smaller second member. */
export class SimilarityHeap {
  private readonly values: number[] = [];
  private readonly firsts: number[] = [];
  private readonly seconds: number[] = [];
  /** First member of the pair that `pop` took out. */
  a = -1;
  /** Second member of the pair that `pop` took out. */
  b = -1;

  /** Adds a pair. */
  push(value: number, a: number, b: number): void {
    const { values, firsts, seconds } = this;
    let at = values.length;
    values.push(value);
    firsts.push(a);
    seconds.push(b);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.precedes(value, a, b, parent)) break;
      this.move(parent, at);
      at = parent;
    }
    values[at] = value;
    firsts[at] = a;
    seconds[at] = b;
  }

  /** Takes the most similar pair out into `a` and `b`; false when there is none. */
  pop(): boolean {
    const { values, firsts, seconds } = this;
    if (values.length === 0) return false;
    this.a = firsts[0]!;
    this.b = seconds[0]!;
    const value = values.pop()!;
    const a = firsts.pop()!;
    const b = seconds.pop()!;
    const count = values.length;
    if (count === 0) return true;
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
    values[at] = value;
    firsts[at] = a;
    seconds[at] = b;
    return true;
  }

  private precedes(value: number, a: number, b: number, other: number): boolean {
    const theirs = this.values[other]!;
    if (value !== theirs) return value > theirs;
    return a !== this.firsts[other]! ? a < this.firsts[other]! : b < this.seconds[other]!;
  }

  private move(from: number, to: number): void {
    this.values[to] = this.values[from]!;
    this.firsts[to] = this.firsts[from]!;
    this.seconds[to] = this.seconds[from]!;
  }
}
