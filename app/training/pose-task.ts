import type { Value } from '../graph/graph.ts'
import { add, log, mean, multiply, sqrt, subtract, sum } from '../graph/ops/index.ts'
import { type PoseNetworkConfig, type PoseNetworkSizes, poseNetwork } from '../models/pose-network.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openTrainable, type Trainable } from '../runtime/trainable.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { type Figure, otherSides } from '../tensor/pose/figure.ts'
import type { TorchGenerator } from '../tensor/random.ts'
import { tensor } from '../tensor/tensor.ts'
import { openComponent } from '../weights/diffusers-folder.ts'
import type { TrainingTask } from './loop.ts'

/** A picture with the figure in it, in its pixels; none of its joints is hidden. */
export interface PosedPicture {
  readonly image: RgbImage
  readonly figure: Figure
}

/** Training of a network that finds joints. */
export interface PoseTraining {
  readonly runtime: Runtime
  /** Folder with its config and first weights. */
  readonly model: string
  /** All of the network's size. */
  readonly pictures: readonly PosedPicture[]
  readonly batch: number
}

/** Width of the map that is wanted of a joint, in places. */
const SPREAD = 1
/** What the distance counts beside the map. */
const DISTANCE_WEIGHT = 10

/** A task of the training loop: maps shall be bells around the joints (cross-entropy), and their middles lie there (Sun et al. 2018, arXiv:1711.08229).
 *  Half of the pictures are seen in a mirror. @throws Problem MODEL_CONFIG, FILE_* */
export function poseTask({
  runtime,
  model,
  pictures,
  batch,
}: PoseTraining): TrainingTask & { readonly trainable: Trainable } {
  const component = openComponent('pose', poseNetwork.className, model)
  const network = new Network<PoseNetworkConfig, PoseNetworkSizes>(runtime, poseNetwork, component)
  const { image_size: side, joints } = network.config
  const places = (side / 4) ** 2
  const trainable = openTrainable(runtime, training => {
    const found = training.part({ network, graph: 'find', sizes: { batch }, trained: { parameters: () => true } })
    const bells = training.input('bells', 'float32', [batch, joints, places])
    const truth = training.input('truth', 'float32', [batch, joints, 2])
    const surprise = multiply(sum(multiply(bells, log(add(found.maps, 1e-8)))), -1 / (batch * joints))
    return { loss: add(surprise, multiply(mean(distance(subtract(found.joints, truth))), DISTANCE_WEIGHT)) }
  })
  const stored = (name: string) => trainable.stored(name) ?? new Float32Array()
  const parameters = new Map(trainable.parameters.keys().map(name => [name, stored(name)]))
  return {
    trainable,
    parameters,
    shapes: trainable.parameters,
    async compute(_, random) {
      const chosen = random.integers([batch], 0, pictures.length).map(index => seen(pictures[index], random))
      const feeds = {
        image: fromImages(
          chosen.map(({ image }) => image),
          'unit',
        ),
        bells: tensor(
          [batch, joints, places],
          Float32Array.from(chosen.flatMap(({ figure }) => bellsOf(figure, side))),
        ),
        truth: tensor(
          [batch, joints, 2],
          Float32Array.from(
            chosen.flatMap(({ figure }) => figure.flatMap(at => [(at?.x ?? 0) / side, (at?.y ?? 0) / side])),
          ),
        ),
      }
      return trainable.run(feeds, parameters)
    },
  }
}

const distance = (gap: Value): Value => sqrt(add(multiply(gap, gap), 1e-8))

function seen(picture: PosedPicture, random: TorchGenerator): PosedPicture {
  if (random.uniform([1]).data[0] < 0.5) return picture
  const { image, figure } = picture
  const { width, height } = image
  const data = new Uint8Array(image.data.length)
  for (let k = 0; k < width * height; k++) {
    const from = (k - (k % width) + width - 1 - (k % width)) * 3
    data.set(image.data.subarray(from, from + 3), k * 3)
  }
  const mirrored = otherSides.map(other => {
    const joint = figure[other] ?? null
    return joint && { x: width - joint.x, y: joint.y }
  })
  return { image: { width, height, data }, figure: mirrored }
}

/** For each joint a bell with the sum 1 over the places of a grid. */
function bellsOf(figure: Figure, side: number): number[] {
  const grid = side / 4
  return figure.flatMap(joint => {
    const [x, y] = [(joint?.x ?? 0) / 4 - 0.5, (joint?.y ?? 0) / 4 - 0.5]
    const bell = Array.from({ length: grid * grid }, (_, k) =>
      Math.exp(-(((k % grid) - x) ** 2 + (Math.floor(k / grid) - y) ** 2) / (2 * SPREAD ** 2)),
    )
    const total = bell.reduce((whole, value) => whole + value, 1e-12)
    return bell.map(value => value / total)
  })
}
