/** The quantile of the beta distribution: x in [0, 1] with I_x(a, b) = p (scipy.stats.beta.ppf), for a and b above 0
 *  and not much above 1. Absolute error below 1e-14. */
export function betaQuantile(p: number, a: number, b: number): number {
  const left = incompleteBeta(0.5, a, b)
  const whole = left + incompleteBeta(0.5, b, a)
  if (p * whole > left) return 1 - betaQuantile(1 - p, b, a) // the series is at home below 1/2
  let [low, high] = [0, 0.5]
  while (high - low > 1e-15) {
    const middle = (low + high) / 2
    if (incompleteBeta(middle, a, b) < p * whole) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** B_x(a, b), the integral of t^(a-1) (1-t)^(b-1) from 0 to x, for x up to 1/2: DLMF 8.17.7 with 15.2.1. */
function incompleteBeta(x: number, a: number, b: number): number {
  let coefficient = 1
  let sum = 1 / a
  for (let k = 1; k < 60; k++) {
    coefficient *= ((k - b) / k) * x
    sum += coefficient / (a + k)
  }
  return x ** a * sum
}
