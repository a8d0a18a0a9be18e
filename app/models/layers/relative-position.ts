/** Distances between places in buckets, as T5 learns a bias for each (Raffel et al. 2020, arXiv:1910.10683, section 2.1; the reference's
 *  `_relative_position_bucket`, both directions): half of the buckets for places after the one that looks, half for itself and those
 *  before; small distances have a bucket each, larger ones share them logarithmically up to maxDistance, and beyond it the last.
 *  @returns [tokens x tokens] buckets, by the place that looks, then the one that is looked at */
export function relativePositionBuckets(tokens: number, buckets: number, maxDistance: number): number[] {
  const half = Math.floor(buckets / 2)
  const exact = Math.floor(half / 2)
  // Rounded to single precision where the reference rounds: the edges of the buckets depend on it.
  const round = Math.fround
  const span = round(Math.log(maxDistance / exact))
  const bucketOf = (distance: number) => {
    if (distance < exact) return distance
    const logarithm = round(Math.log(round(distance / exact)))
    return Math.min(exact + Math.trunc(round(round(logarithm / span) * (half - exact))), half - 1)
  }
  return Array.from({ length: tokens * tokens }, (_, at) => {
    const distance = (at % tokens) - Math.floor(at / tokens)
    return bucketOf(Math.abs(distance)) + (distance > 0 ? half : 0)
  })
}
