"""Local radii and densMAP runs. Made with umap-learn 0.5.3, numba 0.56.4, numpy 1.24.2, scikit-learn 1.2.1, Python 3.11.
Run: python umap_densities.py"""
import warnings; warnings.filterwarnings("ignore")
import gzip, json, os
import numpy as np
from sklearn.manifold import trustworthiness
import umap
from umap.umap_ import fuzzy_simplicial_set, discrete_metric_simplicial_set_intersection
from common import ROOT, save


def log_radii(graph, dists):
    """As simplicial_set_embedding computes the original ones for `output_dens`, with the edges that are never sampled."""
    g = graph.tocoo()
    ro, mu = np.zeros(g.shape[0]), np.zeros(g.shape[0])
    for j, k, m in zip(g.row, g.col, g.data):
        d = float(dists[j, k]) ** 2
        ro[j] += m * d; ro[k] += m * d; mu[j] += m; mu[k] += m
    return np.log(1e-8 + ro / mu)


def correlation(x, embedding):
    """Of the radii of the neighbours in both, squared distances on either side as in the paper."""
    radii = []
    for rows in (x, embedding):
        g, _, _, d = fuzzy_simplicial_set(rows.astype(np.float32), 15, np.random.RandomState(0), "euclidean", return_dists=True)
        radii.append(log_radii(g, d))
    return float(np.corrcoef(*radii)[0, 1])


# ---- radii on the neighbours of umap/fuzzy-digits300
with gzip.open(os.path.join(ROOT, "umap", "fuzzy-digits300.json.gz")) as f:
    known = json.load(f)
x = np.array(known["x"], dtype=np.float32)
idx, dist = np.array(known["knnIndices"], dtype=np.int32), np.array(known["knnDistances"], dtype=np.float32)
cases = []
for name, kw in {"union": {}, "mix0.5": dict(set_op_mix_ratio=0.5), "localConnectivity2": dict(local_connectivity=2.0)}.items():
    g, _, _, d = fuzzy_simplicial_set(x, 15, np.random.RandomState(0), "euclidean", knn_indices=idx, knn_dists=dist, return_dists=True, **kw)
    cases.append(dict(name=name, logRadii=log_radii(g, d)))
    if name == "union":
        gs = discrete_metric_simplicial_set_intersection(g.tocoo(), np.array(known["supervised"]["target"]), unknown_dist=1.0, far_dist=5.0)
        cases.append(dict(name="supervised", logRadii=log_radii(gs, d)))

# ---- whole runs: correlation and trustworthiness, for quality floors only
with gzip.open(os.path.join(ROOT, "umap", "digits-pixels.json.gz")) as f:
    z = np.array(json.load(f)["x"], dtype=np.float32)
runs = []
for seed in (42, 1, 2):
    for densmap in (True, False):
        e = umap.UMAP(densmap=densmap, random_state=seed).fit_transform(z)
        runs.append(dict(seed=seed, densities=densmap, correlation=correlation(z, e), trustworthiness15=float(trustworthiness(z, e, n_neighbors=15))))
save("umap", "local-radii", dict(graph="umap/fuzzy-digits300", cases=cases, data="umap/digits-pixels", nNeighbors=15, minDist=0.1, runs=runs,
     note="logRadii: ln(1e-8 + mean squared distance weighted by memberships), all edges; runs: quality floor for seeded runs, not bits"), digits=9)
