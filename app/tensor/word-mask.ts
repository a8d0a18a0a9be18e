/** How sure one must be that a place shows what is looked for, as a mask. */
export interface MaskEdge {
  /** Places as sure as this count by half. 0 to 1 */
  readonly threshold: number
  /** How much surer a place must be to count wholly than to count at all; 0: a hard edge. 0 to 1 */
  readonly softness: number
}

/** A mask of how sure one is of each place. @param sure 0 to 1, or 0 to `whole`  @returns 0 to 255 */
export function maskWhere(
  sure: ArrayLike<number>,
  { threshold, softness }: MaskEdge,
  whole = 1,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(sure.length)
  for (let k = 0; k < mask.length; k++) {
    const above = sure[k] / whole - threshold
    mask[k] =
      softness <= 0 ? (above >= 0 ? 255 : 0) : Math.round(255 * Math.min(Math.max(above / softness + 0.5, 0), 1))
  }
  return mask
}

/** What is looked for: words with commas between them, each for itself. */
export const thingsIn = (words: string): string[] => [
  ...new Set(
    words
      .split(/[,;\n]/)
      .map(thing => thing.trim())
      .filter(thing => thing !== ''),
  ),
]
