import { type PoseNetworkConfig, type PoseNetworkSizes, poseNetwork } from '../models/pose-network.ts'
import { fitImage } from '../tensor/fit.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import type { Figure } from '../tensor/pose/figure.ts'
import { openComponent } from '../weights/diffusers-folder.ts'
import { Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** Joints whose map says them less surely are hidden. */
const LEAST_SURE = 0.02

/** A network that finds the joints of the one figure of a picture. */
export class PoseModel {
  readonly #network: Network<PoseNetworkConfig, PoseNetworkSizes>

  /** @param folder with config.json and weights  @throws Problem MODEL_CONFIG, FILE_*, COMPONENT_* */
  constructor(runtime: Runtime, folder: string) {
    this.#network = new Network(runtime, poseNetwork, openComponent('pose', poseNetwork.className, folder))
  }

  /** The figure of a picture, in its pixels; pictures of other proportions are stretched, as is what is found. */
  async find(picture: RgbImage): Promise<Figure> {
    const { image_size: side, joints } = this.#network.config
    const session = await this.#network.session('find', { batch: 1 })
    const image = fromImages([fitImage(picture, { width: side, height: side }, 'stretch')], 'unit')
    const { maps, joints: found } = await session.run({ image })
    const places = maps.shape[2]
    return Array.from({ length: joints }, (_, k) => {
      const sure = maps.data.subarray(k * places, (k + 1) * places).reduce((most, value) => Math.max(most, value), 0)
      if (sure < LEAST_SURE) return null
      return { x: found.data[k * 2] * picture.width, y: found.data[k * 2 + 1] * picture.height }
    })
  }
}
