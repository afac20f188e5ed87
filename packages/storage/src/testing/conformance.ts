/**
 * One promise of a port, to be run against an implementation in any test framework.
 *
 * @example
 * const cases: ConformanceCase<Map<string, number>>[] = [
 *   { name: 'remembers', run: async (map) => { map.set('a', 1); if (map.get('a') !== 1) throw new Error('forgot'); } },
 * ];
 * cases[0].name // => 'remembers'
 */
export interface ConformanceCase<Subject> {
  /** The promise, as a sentence. */
  readonly name: string;
  /** Rejects with an assertion error when the promise is broken. @param subject - fresh and empty. */
  run(subject: Subject): Promise<void>;
}
