/* Single-precision functions as torch computes them on x86 processors (avx_mathfun.h, after Moshier's Cephes library):
 * polynomial approximations with fused multiply-adds. Following them to the last bit makes normal numbers equal torch's,
 * and timesteps that are rounded down equal the reference's. */

const round = Math.fround
/** a x b + c, rounded once. */
const fused = (a: number, b: number, c: number) => Math.fround(a * b + c)

/** Horner's rule; the coefficient of the highest power comes first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0]
  for (let i = 1; i < coefficients.length; i++) sum = fused(sum, x, coefficients[i])
  return sum
}

const LOG_POLYNOMIAL = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(round)
const COSINE_POLYNOMIAL = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(round)
const SINE_POLYNOMIAL = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(round)

const NUMPY_LOG_ABOVE = [0.025899791179079226, 0.3808837741388408, 1.4800006335765066, 2.112677543073053, 1, 0].map(
  round,
)
const NUMPY_LOG_BELOW = [
  0.005875095403124574, 0.15464763749839067, 0.9864942958519419, 2.453006071784736, 2.6126775430731093, 1,
].map(round)

/** ln 2 in two parts: the large one has few digits, so that its multiples are exact. */
const LN2_LARGE = round(0.693359375)
const LN2_SMALL = round(-2.1219444e-4)
/** -pi/4 in three parts, for the same reason. */
const MINUS_QUARTER_PI = [-0.78515625, -2.4187564849853516e-4, -3.774894977445941e-8].map(round)
const SQRT_HALF = round(Math.SQRT1_2)

const bits = new DataView(new ArrayBuffer(4))

/** The natural logarithm of a positive normal float32. */
export function logFloat32(x: number): number {
  bits.setFloat32(0, x)
  const word = bits.getUint32(0)
  let exponent = (word >>> 23) - 126
  bits.setUint32(0, (word & 0x807fffff) | 0x3f000000)
  let mantissa = bits.getFloat32(0) // in [0.5, 1)
  if (mantissa < SQRT_HALF) {
    exponent -= 1
    mantissa = round(round(mantissa - 1) + mantissa)
  } else {
    mantissa = round(mantissa - 1)
  }
  const square = round(mantissa * mantissa)
  let y = polynomial(LOG_POLYNOMIAL, mantissa)
  y = fused(round(y * mantissa), square, round(exponent * LN2_SMALL))
  y = round(y - square * 0.5)
  return fused(exponent, LN2_LARGE, round(mantissa + y))
}

/** The natural logarithm of a positive normal float32 as numpy computes it on x86: a quotient of polynomials. */
export function numpyLogFloat32(x: number): number {
  bits.setFloat32(0, x)
  const word = bits.getUint32(0)
  let exponent = (word >>> 23) - 127
  bits.setUint32(0, (word & 0x7fffff) | 0x3f800000)
  let mantissa = bits.getFloat32(0) // in [1, 2)
  if (mantissa > round(Math.SQRT2)) {
    exponent += 1
    mantissa /= 2
  }
  const y = round(mantissa - 1)
  return fused(exponent, round(Math.LN2), round(polynomial(NUMPY_LOG_ABOVE, y) / polynomial(NUMPY_LOG_BELOW, y)))
}

/** [sine, cosine] of a float32 angle of at least 0, in radians. */
export function sineAndCosineFloat32(angle: number): readonly [number, number] {
  const octant = (Math.trunc(round(angle * round(4 / Math.PI))) + 1) & ~1
  let x = angle
  for (const part of MINUS_QUARTER_PI) x = fused(octant, part, x)
  const square = round(x * x)

  let cosine = polynomial(COSINE_POLYNOMIAL, square)
  cosine = round(fused(round(cosine * square), square, -square * 0.5) + 1)

  let sine = polynomial(SINE_POLYNOMIAL, square)
  sine = fused(round(sine * square), x, x)

  const swapped = (octant & 2) !== 0
  const sineSign = octant & 4 ? -1 : 1
  const cosineSign = (octant - 2) & 4 ? 1 : -1
  return swapped ? [sineSign * cosine, cosineSign * sine] : [sineSign * sine, cosineSign * cosine]
}
