import { totalmem } from 'node:os'
import { targets } from '../app/graph/targets.ts'
import type { Seen } from '../app/library/features/picture-features.ts'
import { dominantColours } from '../app/metrics/dominant-colours.ts'
import { openFeatureNetwork } from '../app/metrics/feature-network.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import type { RgbImage } from '../app/tensor/images.ts'

/** A picture that the process which looks at pictures is given, and its answer. */
export interface AskedLook {
  readonly id: number
  readonly picture: RgbImage
}
export type AnsweredLook =
  | { readonly id: number; readonly seen: Seen }
  /** For the log. */
  | { readonly id: number; readonly problem: string }

/** Looks at one picture after the other, on one thread. @param network the folder of a CLIP model; '' where there is none: colours alone are told */
export function serveLooks(network: string): void {
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: totalmem() / 4 })
  const eyes = network === '' ? undefined : openFeatureNetwork(network, runtime)
  const look = async (picture: RgbImage): Promise<Seen> => {
    const colours = dominantColours(picture)
    if (eyes === undefined) return { colours }
    const { data } = await eyes.features([picture])
    return { colours, embedding: unitLength(data) }
  }
  let last: Promise<unknown> = Promise.resolve()
  process.on('message', ({ id, picture }: AskedLook) => {
    const answer = (answered: AnsweredLook) => process.send?.(answered)
    last = last.then(() =>
      look(picture).then(
        seen => answer({ id, seen }),
        (error: Error) => answer({ id, problem: error.message }),
      ),
    )
  })
}

/** A row of numbers divided by its length. */
function unitLength(row: Float32Array): Float32Array {
  const length = Math.hypot(...row)
  return length === 0 ? row : row.map(value => value / length)
}
