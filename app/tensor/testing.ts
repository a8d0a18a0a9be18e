import { createHash } from 'node:crypto'
import type { RgbImage } from './images.ts'

/** A picture of noise that is easily written in another language as well: the squares of a sum of large multiples, modulo a prime. */
export function noisePicture(width: number, height: number, channels = 3): RgbImage {
  const data = Uint8Array.from({ length: width * height * channels }, (_, at) => {
    const [channel, place] = [at % channels, Math.floor(at / channels)]
    const [x, y] = [place % width, Math.floor(place / width)]
    const value = (x * 7919 + y * 104729 + channel * 1299709) % 65521
    return (value * value) % 256
  })
  return { width, height, data }
}

/** The first 16 digits of the SHA-256 of a picture's bytes. */
export const fingerprint = ({ data }: RgbImage): string => createHash('sha256').update(data).digest('hex').slice(0, 16)
