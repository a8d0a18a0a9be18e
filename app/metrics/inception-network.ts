import { inceptionSide, inceptionV3 } from '../models/inception-v3.ts'
import { Problem } from '../problem.ts'
import { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { resample } from '../tensor/resample.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { WeightFiles } from '../weights/weight-files.ts'
import { inParts, joinRows, placeName } from './in-parts.ts'

/** Classes of the network of 2015-12-05; torchvision's has 1000. */
const classesOfFid = 1008

/** An InceptionV3 in one file. Pictures are stretched to its size by Pillow's bicubic filter (Parmar et al. 2022, arXiv:2104.11222). */
export class InceptionNetwork {
  readonly label: string
  readonly #network: Network<{ num_classes: number; variant: 'torchvision' | 'fid' }, { batch: number }>

  /** @throws Problem METRIC_NETWORK where the file holds another network */
  constructor(runtime: Runtime, path: string, weights: WeightFiles) {
    const [classes] = weights.find('fc.weight')?.entry.shape ?? []
    if (classes === undefined || weights.find('Mixed_7c.branch_pool.conv.weight') === undefined) {
      throw new Problem('METRIC_NETWORK', `${path} is no InceptionV3.`, {
        hint: 'Choose inception_v3_google-*.pth, pt_inception-2015-12-05-*.pth, or the folder of a CLIP model.',
      })
    }
    const variant = classes === classesOfFid ? 'fid' : 'torchvision'
    const config = { num_classes: classes, variant }
    const component = {
      name: 'inception',
      className: inceptionV3.className,
      folder: path,
      configPath: path,
      config,
      weights,
    }
    this.#network = new Network(runtime, inceptionV3, component)
    const whose = variant === 'fid' ? 'of 2015-12-05' : "torchvision's"
    this.label = `InceptionV3 (${whose}, ${placeName(path)})`
  }

  /** What the last block says on the mean: [pictures, 2048]. */
  features(images: readonly RgbImage[]): Promise<Tensor> {
    return inParts(images, async part => (await this.#run(part)).features)
  }

  /** The share of each class in a picture: [pictures, classes], rows with the sum 1. */
  async classes(images: readonly RgbImage[]): Promise<Tensor> {
    const logits = await inParts(images, async part => (await this.#run(part)).logits)
    const [pictures, classes] = logits.shape
    const rows = Array.from({ length: pictures }, (_, k) => logits.data.subarray(k * classes, (k + 1) * classes))
    return joinRows(rows.map(row => tensor([1, classes], softmax(row))))
  }

  async #run(images: readonly RgbImage[]): Promise<Readonly<Record<string, Tensor>>> {
    const side = { width: inceptionSide, height: inceptionSide }
    const session = await this.#network.session('classify', { batch: images.length })
    return session.run({ pixel_values: fromImages(images.map(image => resample(image, side, 'bicubic'))) })
  }
}

function softmax(row: Float32Array): Float32Array {
  const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  const powers = row.map(value => Math.exp(value - largest))
  const sum = powers.reduce((total, value) => total + value, 0)
  return powers.map(value => value / sum)
}
