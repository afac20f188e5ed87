import { type CondensedTree, deathLambdas } from './condensed-tree.js';

/**
 * GLOSH: how much sparser the surroundings of a row are than the densest part of the cluster it falls out of.
 *
 * @returns n scores in [0, 1]; 0 in the densest part, near 1 far outside.
 * @see Campello, Moulavi, Zimek, Sander (2015), section 6, doi:10.1145/2733381
 */
export function outlierScores(tree: CondensedTree): Float32Array {
  const densest = densestBelow(tree);
  return Float32Array.from(tree.pointLambda, (lambda, i) => outlierScore(densest[tree.pointCluster[i]!]!, lambda));
}

/** Score of something of density `lambda` in a cluster whose densest row has density `densest`. */
export function outlierScore(densest: number, lambda: number): number {
  if (densest === 0 || lambda >= densest) return 0;
  return densest === Number.POSITIVE_INFINITY ? 1 : (densest - lambda) / densest;
}

/** Largest λ of any row in each cluster or the clusters below it. */
export function densestBelow(tree: CondensedTree): Float64Array {
  const densest = deathLambdas(tree);
  for (let c = tree.parent.length - 1; c > 0; c--) {
    if (densest[c]! > densest[tree.parent[c]!]!) densest[tree.parent[c]!] = densest[c]!;
  }
  return densest;
}
