/**
 * Fits p = 1 / (1 + exp(-(slope · score + offset))) by Newton's method.
 *
 * @see Platt (1999); Lin, Lin, Weng (2007), doi:10.1007/s10994-007-5018-6
 */
export function fitPlatt(scores: readonly number[], hits: readonly number[]): { slope: number; offset: number } {
  let slope = 1;
  let offset = 0;
  for (let step = 0; step < 50; step++) {
    let g0 = 0;
    let g1 = 0;
    let h00 = 1e-9;
    let h01 = 0;
    let h11 = 1e-9;
    scores.forEach((score, i) => {
      const p = 1 / (1 + Math.exp(-(slope * score + offset)));
      const w = p * (1 - p);
      g0 += p - hits[i]!;
      g1 += (p - hits[i]!) * score;
      h00 += w;
      h01 += w * score;
      h11 += w * score * score;
    });
    const determinant = h00 * h11 - h01 * h01;
    offset -= (h11 * g0 - h01 * g1) / determinant;
    slope -= (h00 * g1 - h01 * g0) / determinant;
  }
  return { slope: Number(slope.toFixed(5)), offset: Number(offset.toFixed(5)) };
}
