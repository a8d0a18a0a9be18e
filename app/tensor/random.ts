import { Problem } from '../problem.ts'
import { logFloat32, sineAndCosineFloat32 } from './float32-math.ts'
import { MersenneTwister } from './mersenne-twister.ts'
import { type Shape, sizeOf, type Tensor, tensor } from './tensor.ts'

/** The type that torch would have drawn in; results are float32 tensors that hold exactly those values (float64 rounded). */
export type DrawType = 'float32' | 'float64' | 'float16' | 'bfloat16'

/** The largest seed: 2^64 - 1. */
export const LARGEST_SEED = 2n ** 64n - 1n

const BLOCK = 16 // torch transforms normals in blocks of 16, to fill vector registers
const TWO_PI = 2 * Math.PI

/** Random numbers exactly as torch.Generator draws them on the CPU, so that a seed means the same picture as elsewhere.
 *
 *  The stream is MT19937's, seeded with the LOW 32 BITS of the seed alone: 2^32 + 7 draws what 7 draws, as in torch.
 *  Draws follow each other on one stream, in the order in which they are asked for. All agree to the last bit with
 *  torch 2 on an x86 processor with AVX2 but for a few normals, drawn fewer than 16 at a time, and exponentials. */
export class TorchGenerator {
  readonly seed: bigint
  readonly #twister: MersenneTwister
  /** Box-Muller makes two normals; the second waits here for the next draw of fewer than 16. */
  #waitingNormal: number | undefined

  /** @param seed 0 to 2^64-1  @throws Problem SEED_RANGE */
  constructor(seed: bigint) {
    if (seed < 0n || seed > LARGEST_SEED) {
      throw new Problem('SEED_RANGE', `The seed ${seed} is out of range.`, {
        hint: `Choose a whole number from 0 to ${LARGEST_SEED}.`,
      })
    }
    this.seed = seed
    this.#twister = new MersenneTwister(Number(seed & 0xffffffffn))
  }

  /** Normal numbers (torch.randn, torch.normal). */
  normal(shape: Shape, { mean = 0, deviation = 1, type = 'float32' as DrawType } = {}): Tensor {
    const size = sizeOf(shape)
    const round = rounding[type]
    const precision = type === 'float64' ? 'float64' : 'float32'
    if (size < BLOCK) {
      return tensor(
        shape,
        Float32Array.from({ length: size }, () => round(this.#oneNormal() * deviation + mean)),
      )
    }
    // Block by block; an odd rest takes 16 fresh uniforms over the LAST 16 elements. The narrow types draw as they go,
    // the others draw a uniform for every element first, those of the rest in vain.
    const isNarrow = type === 'float16' || type === 'bfloat16'
    const values = new Float64Array(size)
    const drawInto = (part: Float64Array) => {
      for (let i = 0; i < part.length; i++) part[i] = this.#uniform(precision)
    }
    if (!isNarrow) drawInto(values)
    for (let start = 0; start + BLOCK <= size; start += BLOCK) {
      const block = values.subarray(start, start + BLOCK)
      if (isNarrow) drawInto(block)
      toNormals(block, precision, mean, deviation)
    }
    if (size % BLOCK !== 0) {
      const last = values.subarray(size - BLOCK)
      drawInto(last)
      toNormals(last, precision, mean, deviation)
    }
    return tensor(shape, Float32Array.from(values, round))
  }

  /** Uniform numbers in [low, high) (torch.rand, Tensor.uniform_). */
  uniform(shape: Shape, { low = 0, high = 1, type = 'float32' as Precision } = {}): Tensor {
    const { round } = arithmetic[type]
    const start = round(low)
    const width = round(round(high) - start)
    const draw = () => round(this.#uniform(type) * width + start)
    return tensor(shape, Float32Array.from({ length: sizeOf(shape) }, draw))
  }

  /** Whole numbers from low to high - 1, row-major (torch.randint). Both ends must be safe integers. */
  integers(shape: Shape, low: number, high: number): number[] {
    const range = high - low
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && Number.isSafeInteger(range) && range > 0)) {
      throw new Problem('RANDOM_RANGE', `No whole numbers can be drawn from ${low} up to, without, ${high}.`)
    }
    const wide = BigInt(range)
    const draw = range < 2 ** 28 ? () => this.#twister.word() % range : () => Number(this.#word64() % wide)
    return Array.from({ length: sizeOf(shape) }, () => draw() + low)
  }

  /** The numbers 0 to n - 1 in random order (torch.randperm); n below 2^32 / 20. */
  permutation(n: number): number[] {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 32 / 20) {
      throw new Problem(
        'RANDOM_RANGE',
        `There is no random order of ${n} things: 0 to ${Math.floor(2 ** 32 / 20)} can be.`,
      )
    }
    const order = Array.from({ length: n }, (_, i) => i)
    for (let i = 0; i < n - 1; i++) {
      const other = i + (this.#twister.word() % (n - i))
      ;[order[i], order[other]] = [order[other], order[i]]
    }
    return order
  }

  /** Ones with probability p, else zeros (torch.bernoulli of a float32 tensor filled with p). */
  bernoulli(shape: Shape, p: number): Tensor {
    const probability = Math.fround(p)
    const draw = () => (this.#uniform('float32') < probability ? 1 : 0)
    return tensor(shape, Float32Array.from({ length: sizeOf(shape) }, draw))
  }

  /** Exponential numbers with mean 1 / rate (Tensor.exponential_). */
  exponential(shape: Shape, rate = 1): Tensor {
    const draw = () => -Math.log1p(-this.#uniform('float64')) / rate
    return tensor(shape, Float32Array.from({ length: sizeOf(shape) }, draw))
  }

  /** Indices drawn with the given weights, with replacement (torch.multinomial of float32 weights). */
  categories(weights: readonly number[], count: number): number[] {
    let sum = 0
    const running = weights.map(weight => {
      sum = Math.fround(sum + Math.fround(weight))
      return sum
    })
    if (!(sum > 0) || !Number.isFinite(sum) || weights.some(weight => weight < 0)) {
      throw new Problem('RANDOM_RANGE', 'Weights must be zero or more, and their sum more than zero.')
    }
    if (count === 1) return [this.#firstClock(weights)]
    const cumulative = running.map(value => Math.fround(value / sum))
    return Array.from({ length: count }, () => {
      const draw = this.#uniform('float64')
      const category = cumulative.findIndex(value => value >= draw)
      return category < 0 ? weights.length - 1 : category
    })
  }

  /** A race of exponential clocks: torch's way when there is one index to draw. */
  #firstClock(weights: readonly number[]): number {
    const times = this.exponential([weights.length]).data
    const speeds = weights.map((weight, i) => Math.fround(Math.fround(weight) / times[i]))
    return speeds.indexOf(Math.max(...speeds))
  }

  /** One uniform number in [0, 1) with as many random bits as the type has digits: one word, or two for float64. */
  #uniform(type: Precision): number {
    if (type === 'float64') {
      const high = this.#twister.word() & 0x1fffff // 53 bits of the 64, the first word being the high one
      return (high * 2 ** 32 + this.#twister.word()) / 2 ** 53
    }
    return (this.#twister.word() & 0xffffff) / 2 ** 24
  }

  #word64(): bigint {
    const high = BigInt(this.#twister.word())
    return (high << 32n) | BigInt(this.#twister.word())
  }

  /** Box-Muller in double precision, one number at a time: what torch does below 16 elements. */
  #oneNormal(): number {
    const waiting = this.#waitingNormal
    this.#waitingNormal = undefined
    if (waiting !== undefined) return waiting
    const theta = TWO_PI * this.#uniform('float64')
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform('float64')))
    this.#waitingNormal = radius * Math.sin(theta)
    return radius * Math.cos(theta)
  }
}

/** Roundings of the result; whatever is narrower than float32 is drawn in float32. */
const rounding: Record<DrawType, (value: number) => number> = {
  float64: value => value,
  float32: Math.fround,
  float16: value => Math.f16round(Math.fround(value)),
  bfloat16: roundToBfloat16,
}

const bits = new DataView(new ArrayBuffer(4))

/** Rounds to the nearest bfloat16, ties to even. */
function roundToBfloat16(value: number): number {
  bits.setFloat32(0, value)
  const word = bits.getUint32(0)
  bits.setUint32(0, ((word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000) >>> 0)
  return bits.getFloat32(0)
}

/** Box-Muller on 16 uniforms: the first eight give radii, the last eight angles; cosines come first, sines last. */
function toNormals(block: Float64Array, precision: Precision, mean: number, deviation: number): void {
  const { round, log, sineAndCosine } = arithmetic[precision]
  const half = BLOCK / 2
  for (let i = 0; i < half; i++) {
    const radius = round(Math.sqrt(round(-2 * log(round(1 - block[i]))))) // 1 - u: the logarithm never meets 0
    const [sine, cosine] = sineAndCosine(round(round(TWO_PI) * block[i + half]))
    block[i] = round(round(radius * cosine) * deviation + mean)
    block[i + half] = round(round(radius * sine) * deviation + mean)
  }
}

type Precision = 'float32' | 'float64'

const arithmetic = {
  float32: { round: Math.fround, log: logFloat32, sineAndCosine: sineAndCosineFloat32 },
  float64: {
    round: (value: number) => value,
    log: Math.log,
    sineAndCosine: (angle: number): readonly [number, number] => [Math.sin(angle), Math.cos(angle)],
  },
}
