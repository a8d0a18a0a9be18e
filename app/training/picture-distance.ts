import type { FeatureNetwork } from '../metrics/feature-network.ts'
import { frechetDistance } from '../metrics/frechet-distance.ts'
import { joinRows } from '../metrics/in-parts.ts'
import { kernelDistance } from '../metrics/kernel-distance.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'
import type { BetweenSteps } from './draw.ts'

/** How far drawn pictures are from those that are learned from, as a feature network sees them. */
export interface PictureDistance {
  /** Fréchet distance: 0 for equal sets; few pictures make it larger, so that it compares with others of as many alone. */
  readonly fid: number
  /** Kernel distance, which does not depend on how many there are. */
  readonly kid: number
  /** What they were seen by. */
  readonly network: string
  /** How many were drawn, and how many they were compared with. */
  readonly pictures: readonly [number, number]
}

/** Pictures that are drawn and seen together. */
const AT_ONCE = 16

/** Measures what a network draws against the set that it learns from, whose features are computed once.
 *  @param count of pictures that are drawn for it
 *  @returns `draw` gets the numbers of the examples whose classes the next pictures are drawn of, spread evenly over the set, and the place of the
 *  first among those that are drawn
 *  @throws as `draw`; what the signal was aborted with; Problem WEIGHTS_*, SESSION_* */
export function distanceToSet(
  set: TrainingSet,
  network: FeatureNetwork,
  count: number,
  { signal, rest }: BetweenSteps,
): (draw: (examples: readonly number[], first: number) => Promise<readonly RgbImage[]>) => Promise<PictureDistance> {
  const total = set.examples.length
  let known: Promise<Tensor> | undefined
  const rows = async (length: number, read: (numbers: readonly number[]) => Promise<readonly RgbImage[]>) => {
    const parts: Tensor[] = []
    for (let first = 0; first < length; first += AT_ONCE) {
      signal.throwIfAborted()
      const numbers = Array.from({ length: Math.min(AT_ONCE, length - first) }, (_, k) => first + k)
      parts.push(await network.features(await read(numbers)))
      await rest()
    }
    return joinRows(parts)
  }
  return async draw => {
    known ??= rows(total, numbers => Promise.all(numbers.map(number => pictureOf(set, number))))
    const drawn = await rows(count, places =>
      draw(
        places.map(place => Math.floor((place * total) / count)),
        places[0],
      ),
    )
    const learned = await known
    const figures = { fid: frechetDistance(drawn, learned), kid: kernelDistance(drawn, learned) }
    return { ...figures, network: network.label, pictures: [count, total] }
  }
}

async function pictureOf(set: TrainingSet, number: number): Promise<RgbImage> {
  const { shape, data } = await set.read(number)
  return toImages(tensor([1, ...shape], data))[0]
}
