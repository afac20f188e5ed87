import { type CondensedTree, deathLambdas } from './condensed-tree.js';

/**
 * GLOSH: how much sparser the surroundings of a row are than the densest part of the cluster it falls out of.
 *
 * @returns n scores in [0, 1]; 0 in the densest part, near 1 far outside.
 * @see Campello, Moulavi, Zimek, Sander (2015), section 6, doi:10.1145/2733381
 */
export function outlierScores(tree: CondensedTree): Float32Array {
  const { parent, pointCluster, pointLambda } = tree;
  const densest = deathLambdas(tree);
  for (let c = parent.length - 1; c > 0; c--) {
    if (densest[c]! > densest[parent[c]!]!) densest[parent[c]!] = densest[c]!;
  }
  return Float32Array.from(pointLambda, (lambda, i) => {
    const most = densest[pointCluster[i]!]!;
    if (most === 0 || lambda === Number.POSITIVE_INFINITY) return 0;
    return most === Number.POSITIVE_INFINITY ? 1 : (most - lambda) / most;
  });
}
