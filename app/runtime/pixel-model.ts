import type { Value } from '../graph/graph.ts'
import { describeCheckpoint } from '../models/describe.ts'
import type { ModelDescription } from '../models/description.ts'
import { pictureChannels, type UNet2DConfig, type UNet2DSizes, unet2D } from '../models/unet-2d.ts'
import type { Shape, Tensor } from '../tensor/tensor.ts'
import { tensor } from '../tensor/tensor.ts'
import type { JsonObject } from '../weights/json-file.ts'
import { openModel } from '../weights/open-model.ts'
import type { PrecisionChoice } from '../weights/precision.ts'
import { type Guidable, unitPicture } from './guidable.ts'
import { type DrawingLoads, Network } from './network.ts'
import type { Runtime } from './runtime.ts'
import type { Training } from './trainable.ts'

/** [batch, 1 or 3, height, width] to three channels: grey becomes three equal colours. */
export function inColour({ shape: [batch, channels, height, width], data }: Tensor): Tensor {
  if (channels === 3) return tensor([batch, 3, height, width], data)
  const plane = height * width
  const colours = Float32Array.from({ length: batch * 3 * plane }, (_, i) => {
    const picture = Math.floor(i / (3 * plane))
    return data[picture * plane + (i % plane)]
  })
  return tensor([batch, 3, height, width], colours)
}

/** A model that draws from nothing but noise, in pixels: a UNet2DModel and the settings of its sampler, as the reference's DDPM, DDIM,
 *  PNDM, KarrasVe and ScoreSdeVe pipelines have them. The network is opened when it is first used. */
export class PixelModel implements Guidable {
  readonly description: ModelDescription
  /** scheduler_config.json, as it stands. */
  readonly schedulerConfig: JsonObject
  readonly runtime: Runtime
  readonly #unet: Network<UNet2DConfig, UNet2DSizes>

  /** Opens a diffusers folder: configs and headers are read and checked, no weights.
   *  @throws Problem as `describeCheckpoint`; PRECISION_PROVIDER */
  constructor(path: string, runtime: Runtime, precision?: PrecisionChoice) {
    const folder = openModel(path)
    this.runtime = runtime
    this.description = describeCheckpoint(path)
    this.schedulerConfig = folder.component('scheduler').config
    this.#unet = new Network(runtime, unet2D, folder.component('unet', [unet2D.className]), { precision })
  }

  /** Whether weights must be written in the chosen precision before the first step: once, seconds to a minute. */
  get mustPrepare(): boolean {
    return this.#unet.missingSideCar !== undefined
  }

  /** The shape of pictures: [pictures, channels, height, width], in pixels; grey ones have one channel. */
  shape(pictures: number): Shape {
    const { width, height } = this.description.defaults
    return [pictures, pictureChannels(this.#unet.config), height, width]
  }

  /** What drawing one picture takes; nothing is opened. */
  loads(): DrawingLoads {
    const [batch, , height, width] = this.shape(1)
    return { drawing: this.#unet.load('predict', { batch, height, width, timesteps: 'one' }), others: [] }
  }

  pictureOf(_: Training, sample: Value): Value {
    return unitPicture(sample)
  }

  /** Writes the UNet's prediction for noisy pictures into a graph; `timestep` [1] is an input. */
  written(training: Training, sample: Value): Value {
    const [batch, , height, width] = sample.shape
    const sizes = { batch, height, width, timesteps: 'one' } as const
    return training.part({ network: this.#unet, graph: 'predict', sizes, inputs: { sample } }).out_sample
  }

  /** The UNet for pictures of one shape. */
  async predictor(pictures: Shape): Promise<(input: Tensor, timestep: number) => Promise<Tensor>> {
    const [batch, , height, width] = pictures
    const session = await this.#unet.session('predict', { batch, height, width, timesteps: 'one' })
    return async (sample, timestep) =>
      (await session.run({ sample, timestep: tensor([1], Float32Array.of(timestep)) })).out_sample
  }
}
