/* The 21 points of Kronrod's extension of the Gauss rule of 10 (QUADPACK, routine qk21): the middle, and pairs around it. */

const POINTS = [
  0.9956571630258081, 0.9739065285171717, 0.9301574913557082, 0.8650633666889845, 0.7808177265864169,
  0.6794095682990244, 0.5627571346686047, 0.4333953941292472, 0.2943928627014602, 0.14887433898163122,
]
const WEIGHTS = [
  0.011694638867371874, 0.032558162307964725, 0.054755896574351995, 0.07503967481091996, 0.0931254545836976,
  0.10938715880229764, 0.12349197626206584, 0.13470921731147334, 0.14277593857706009, 0.1477391049013385,
]
const MIDDLE_WEIGHT = 0.1494455540029169

/** The integral of f from a to b; exact for polynomials up to degree 31. */
export function integrate(f: (x: number) => number, a: number, b: number): number {
  const [middle, half] = [(a + b) / 2, (b - a) / 2]
  const pairs = POINTS.map((point, i) => WEIGHTS[i] * (f(middle - half * point) + f(middle + half * point)))
  return half * pairs.reduce((sum, pair) => sum + pair, MIDDLE_WEIGHT * f(middle))
}
