import { type Field, nearest } from './form.ts'

/** Proportions that a person may choose by name. */
export const PROPORTIONS = [
  { name: '1:1', ratio: 1 },
  { name: '4:3', ratio: 4 / 3 },
  { name: '3:4', ratio: 3 / 4 },
  { name: '16:9', ratio: 16 / 9 },
] as const

/** The named proportion that a size has, as well as its multiple lets it; nothing for any other. */
export function proportionOf(width: number, height: number, multiple: number): string | undefined {
  return PROPORTIONS.find(({ ratio }) => Math.abs(width - height * ratio) <= (multiple * (1 + ratio)) / 2)?.name
}

/** A size of this proportion with about the same number of pixels, in multiples that the model takes. */
export function inProportion(ratio: number, pixels: number, multiple: number, width: Field, height: Field) {
  const wide = Math.sqrt(pixels * ratio)
  return { width: nearest(width, wide, multiple), height: nearest(height, wide / ratio, multiple) }
}
