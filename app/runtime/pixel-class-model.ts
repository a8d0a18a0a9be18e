import type { Value } from '../graph/graph.ts'
import { describeCheckpoint } from '../models/describe.ts'
import { pixelClasses } from '../models/describe-wordless.ts'
import type { ModelDescription } from '../models/description.ts'
import { pictureChannels, type UNet2DConfig, type UNet2DSizes, unet2D } from '../models/unet-2d.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import type { JsonObject } from '../weights/json-file.ts'
import { openModel } from '../weights/open-model.ts'
import type { PrecisionChoice } from '../weights/precision.ts'
import { ClassModel, type ModelOfClasses } from './class-model.ts'
import { unitPicture } from './guidable.ts'
import { type DrawingLoads, Network } from './network.ts'
import { inColour } from './pixel-model.ts'
import type { Runtime } from './runtime.ts'
import type { Training } from './trainable.ts'

/** A model of classes, whichever lies there. @throws Problem as `describeCheckpoint`; PRECISION_PROVIDER */
export function openModelOfClasses(path: string, runtime: Runtime, precision?: PrecisionChoice): ModelOfClasses {
  const isOfPixels = openModel(path).components.get('unet')?.className !== undefined
  return isOfPixels ? new PixelClassModel(path, runtime, precision) : new ClassModel(path, runtime, precision)
}

/** A UNet2DModel that is told a class, in pixels: by a row added to the embedding of the timestep, or by channels beside the picture's. */
export class PixelClassModel implements ModelOfClasses {
  readonly description: ModelDescription
  readonly schedulerConfig: JsonObject
  readonly classes: number
  readonly noClass?: number
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
    const { classes, noClass } = pixelClasses(folder, this.#unet.config.num_class_embeds ?? 0)
    this.classes = classes
    if (noClass !== undefined) this.noClass = noClass
  }

  get mustPrepare(): boolean {
    return this.#unet.missingSideCar !== undefined
  }

  latentShape(pictures: number): Shape {
    const { width, height } = this.description.defaults
    return [pictures, pictureChannels(this.#unet.config), height, width]
  }

  async predictor(
    pictures: Shape,
  ): Promise<(input: Tensor, timestep: number, labels: readonly number[]) => Promise<Tensor>> {
    const [batch, , height, width] = pictures
    const session = await this.#unet.session('predict', { batch, height, width, timesteps: 'one' })
    return async (sample, timestep, labels) => {
      const told = {
        timestep: tensor([1], Float32Array.of(timestep)),
        class_labels: { shape: [batch], integers: labels },
      }
      return (await session.run({ sample, ...told })).out_sample
    }
  }

  loads(guided: boolean): DrawingLoads {
    const [, , height, width] = this.latentShape(1)
    const sizes = { batch: guided ? 2 : 1, height, width, timesteps: 'one' } as const
    return { drawing: this.#unet.load('predict', sizes), others: [] }
  }

  pictureOf(_: Training, sample: Value): Value {
    return unitPicture(sample)
  }

  async decode(pixels: Tensor): Promise<Tensor> {
    return inColour(pixels)
  }

  async preview(pixels: Tensor): Promise<RgbImage[]> {
    return toImages(inColour(pixels))
  }
}
