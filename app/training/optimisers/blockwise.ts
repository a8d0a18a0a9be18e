import { linearSpaceFloat32 } from '../../tensor/arithmetic.ts'

/** Numbers in a byte each: 256 levels that lie closer near zero, times the largest of their block (Dettmers et al. 2021,
 *  arXiv:2110.02861, sections 2.1 and 2.2), the levels as bitsandbytes' create_dynamic_map makes them. */

/** Numbers that share a scale. */
export const BLOCK = 256

const EXPONENTS = 7

/** The 256 levels in [-1, 1], or [0, 1] where none is negative, ascending. Decades from 1e-6 to 1; each is split into twice as many
 *  levels as the one below. */
function dynamicLevels(isSigned: boolean): Float32Array {
  const levels = [0, 1]
  for (let exponent = 0; exponent < EXPONENTS; exponent++) {
    const count = 2 ** (isSigned ? exponent : exponent + 1)
    const scale = Math.fround(10 ** (exponent - EXPONENTS + 1))
    const bounds = linearSpaceFloat32(0.1, 1, count + 1)
    for (let k = 0; k < count; k++) {
      const level = Math.fround(scale * Math.fround(Math.fround(bounds[k] + bounds[k + 1]) / 2))
      levels.push(level, ...(isSigned ? [-level] : []))
    }
  }
  return Float32Array.from(levels).sort()
}

/** A way to store numbers in bytes. */
export interface Bytewise {
  /** Writes numbers as levels of their block's largest. @param levels a byte for each  @param largest of each block */
  write(values: Float32Array, levels: Uint8Array, largest: Float32Array): void
  read(levels: Uint8Array, largest: Float32Array): Float32Array
}

function bytewise(table: Float32Array): Bytewise {
  const bounds = Float32Array.from({ length: 255 }, (_, k) => (table[k] + table[k + 1]) / 2)
  /** The level nearest to a value in [-1, 1]. */
  const nearest = (value: number): number => {
    let [low, high] = [0, 255]
    while (low < high) {
      const middle = (low + high) >> 1
      if (bounds[middle] < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    write(values, levels, largest) {
      for (let block = 0; block * BLOCK < values.length; block++) {
        const [start, end] = [block * BLOCK, Math.min((block + 1) * BLOCK, values.length)]
        let most = 0
        for (let i = start; i < end; i++) most = Math.max(most, Math.abs(values[i]))
        largest[block] = most
        const scale = most === 0 ? 0 : Math.fround(1 / most)
        for (let i = start; i < end; i++) levels[i] = nearest(Math.fround(values[i] * scale))
      }
    },
    read: (levels, largest) => Float32Array.from(levels, (level, i) => table[level] * largest[Math.floor(i / BLOCK)]),
  }
}

/** Numbers of both signs. */
export const signedBytes = bytewise(dynamicLevels(true))

/** Numbers from zero upwards. */
export const positiveBytes = bytewise(dynamicLevels(false))
