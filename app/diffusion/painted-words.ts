import type { Schedule } from '../schedulers/scheduler.ts'
import type { GrayImage } from '../tensor/masks.ts'
import { resample } from '../tensor/resample.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import type { AttentionPlan } from './attention.ts'

/** Words that are tied to a part of the picture. */
export interface PaintedWords {
  /** White where they are meant; gray counts in part. */
  readonly mask: GrayImage
  /** Their places in the context. */
  readonly tokens: readonly number[]
  /** 0 to 1 */
  readonly weight: number
}

/** Paint-with-words (Balaji et al. 2022, "eDiff-I", arXiv:2211.01324, section 4.3): to the scores of painted places for their words is added w log(1 + sigma)
 *  times the largest score, so that layout is decided while there is much noise. @param tie w, 0: nothing  @param tokens of the context */
export function paintedPlan(
  painted: readonly PaintedWords[],
  { tie, tokens, schedule }: { tie: number; tokens: number; schedule: Schedule },
): AttentionPlan {
  let known: Readonly<Record<string, Tensor>> | undefined
  return {
    sizes: { painted: true },
    fedAt(call, latents) {
      known ??= masksOf(painted, tokens, latents)
      const { alpha, sigma } = schedule.noiseLevel(schedule.timesteps[call], call)
      const strength = tie * Math.log(1 + sigma / alpha)
      return Object.fromEntries(
        Object.entries(known).map(([name, { shape, data }]) => [
          name,
          tensor(
            shape,
            data.map(value => value * strength),
          ),
        ]),
      )
    },
  }
}

/** What is painted at the sizes of all layers: each has half the places of a side of the one before. */
function masksOf(painted: readonly PaintedWords[], tokens: number, [, , height, width]: Shape): Record<string, Tensor> {
  const masks: Record<string, Tensor> = {}
  for (let [rows, columns] = [height, width]; ; [rows, columns] = [Math.ceil(rows / 2), Math.ceil(columns / 2)]) {
    const values = tensor([1, 1, rows * columns, tokens])
    for (const { mask, tokens: words, weight } of painted) {
      const { data } = resample(mask, { width: columns, height: rows }, 'bilinear')
      for (const [place, value] of data.entries())
        for (const word of words) values.data[place * tokens + word] += (weight * value) / 255
    }
    masks[`attention.painted.${rows}x${columns}`] = values
    if (rows === 1 && columns === 1) return masks
  }
}
