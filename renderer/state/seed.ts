import { t } from '../language/language.ts'

/** Seeds are whole numbers from 0 to 2^64 - 1. They are BigInt here and decimal strings on the wire, so none is rounded. */
export const LARGEST_SEED = 2n ** 64n - 1n

export const SEED_SENTENCE = 'The seed must be a whole number from 0 to {largest}.'

/** A typed seed; spaces, underscores and commas between digits are let pass. Nothing when it is none. */
export function parseSeed(text: string): bigint | undefined {
  const digits = text.trim().replace(/(?<=\d)[\s_,](?=\d)/g, '')
  if (!/^\d{1,20}$/.test(digits)) return undefined
  const seed = BigInt(digits)
  return seed <= LARGEST_SEED ? seed : undefined
}

/** The seed of picture k of a batch: seed + k, as the operations count them. */
export const seedOfPicture = (seed: bigint, k: number): bigint => (seed + BigInt(k)) & LARGEST_SEED

/** A new seed. Of 32 bits, which is plenty to be new and short enough to be read out loud. */
export function rollSeed(
  random: (buffer: Uint32Array<ArrayBuffer>) => Uint32Array = buffer => crypto.getRandomValues(buffer),
): bigint {
  const [value = 0] = random(new Uint32Array(1))
  return BigInt(value)
}

/** What stands under the seed when several pictures are made. */
export function seedRange(seed: bigint, count: number): string | undefined {
  return count > 1
    ? t('{count} pictures use the seeds {from} to {to}', {
        count,
        from: `${seed}`,
        to: `${seedOfPicture(seed, count - 1)}`,
      })
    : undefined
}
