const SIZE = 624
const SHIFT = 397

/** MT19937 (Matsumoto & Nishimura 1998): the engine behind torch's CPU generator. */
export class MersenneTwister {
  readonly #state = new Uint32Array(SIZE)
  #next = SIZE

  /** @param seed 32 bits */
  constructor(seed: number) {
    this.#state[0] = seed
    for (let i = 1; i < SIZE; i++) {
      const before = this.#state[i - 1]
      this.#state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i
    }
  }

  /** The next 32 uniform bits, 0 to 2^32-1. */
  word(): number {
    if (this.#next === SIZE) this.#twist()
    let bits = this.#state[this.#next++]
    bits ^= bits >>> 11
    bits ^= (bits << 7) & 0x9d2c5680
    bits ^= (bits << 15) & 0xefc60000
    return (bits ^ (bits >>> 18)) >>> 0
  }

  #twist(): void {
    const state = this.#state
    for (let i = 0; i < SIZE; i++) {
      const bits = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff)
      state[i] = state[(i + SHIFT) % SIZE] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0)
    }
    this.#next = 0
  }
}
