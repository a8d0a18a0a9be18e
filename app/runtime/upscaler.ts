import { describeUpscaler } from '../models/describe-upscaler.ts'
import type { ModelDescription } from '../models/description.ts'
import { enlargement, type RrdbConfig, type RrdbSizes, rrdbNet } from '../models/rrdb-net.ts'
import { fromImages, type RgbImage, toImages } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { Mosaic, tileOf, tilesOver } from '../tensor/tiles.ts'
import { openUpscaler } from '../weights/upscaler.ts'
import { type DrawingLoads, Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** Pixels on a side of what is enlarged at once, and how far such tiles reach into each other: memory does not grow with the picture. */
const TILE = 192
const OVERLAP = 24

/** A network that enlarges pictures by itself. It is opened when it is first used. */
export class Upscaler {
  readonly description: ModelDescription
  /** How many times larger pictures become. */
  readonly scale: number
  readonly #network: Network<RrdbConfig, RrdbSizes>

  /** @throws Problem as `openUpscaler`; MODEL_CONFIG */
  constructor(path: string, runtime: Runtime) {
    this.description = describeUpscaler(path)
    this.#network = new Network(runtime, rrdbNet, openUpscaler(path))
    this.scale = enlargement(this.#network.config)
  }

  /** How many parts a picture is enlarged in. */
  parts(picture: Pick<RgbImage, 'width' | 'height'>): number {
    return this.#tiles(this.#whole(picture)).length
  }

  /** What enlarging a part of a picture takes; nothing is opened. */
  loads(picture: Pick<RgbImage, 'width' | 'height'>): DrawingLoads {
    const [{ height, width }] = this.#tiles(this.#whole(picture))
    return { drawing: this.#network.load('enlarge', { batch: 1, height, width }), others: [] }
  }

  /** Enlarges a picture, part by part; yields how many are done. @returns it, `scale` times as large */
  async *enlarge(picture: RgbImage): AsyncGenerator<number, RgbImage> {
    const size = this.#whole(picture)
    const pixels = continued(fromImages([picture], 'unit'), size)
    const tiles = this.#tiles(size)
    const { scale } = this
    const mosaic = new Mosaic([1, 3, size.height * scale, size.width * scale], OVERLAP * scale)
    for (const [k, tile] of tiles.entries()) {
      const { height, width } = tile
      const session = await this.#network.session('enlarge', { batch: 1, height, width })
      const { enlarged } = await session.run({ pixels: tileOf(pixels, tile) })
      const place = { top: tile.top * scale, left: tile.left * scale, height: height * scale, width: width * scale }
      mosaic.add(place, enlarged)
      yield k + 1
    }
    const [whole] = toImages(signed(mosaic.whole))
    return cut(whole, { width: picture.width * scale, height: picture.height * scale })
  }

  /** The sides as the network takes them: whole places. */
  #whole({ width, height }: Pick<RgbImage, 'width' | 'height'>) {
    const { unshuffle } = this.#network.config
    const whole = (side: number) => Math.ceil(side / unshuffle) * unshuffle
    return { width: whole(width), height: whole(height) }
  }

  #tiles(size: { readonly width: number; readonly height: number }) {
    const { unshuffle } = this.#network.config
    const places = { width: size.width / unshuffle, height: size.height / unshuffle }
    return tilesOver(places, TILE / unshuffle, OVERLAP / unshuffle).map(({ top, left, height, width }) => ({
      ...{ top: top * unshuffle, left: left * unshuffle, height: height * unshuffle, width: width * unshuffle },
    }))
  }
}

/** A picture whose last rows and columns go on. [1, channels, rows, columns] -> [1, channels, height, width] */
function continued(
  { shape, data }: Tensor,
  { width, height }: { readonly width: number; readonly height: number },
): Tensor {
  const [, channels, rows, columns] = shape
  if (rows === height && columns === width) return tensor(shape, data)
  const values = Float32Array.from({ length: channels * height * width }, (_, k) => {
    const [plane, y, x] = [Math.floor(k / (height * width)), Math.floor(k / width) % height, k % width]
    return data[(plane * rows + Math.min(y, rows - 1)) * columns + Math.min(x, columns - 1)]
  })
  return tensor([1, channels, height, width], values)
}

const signed = ({ shape, data }: Tensor): Tensor =>
  tensor(
    shape,
    data.map(value => value * 2 - 1),
  )

/** The upper left part of a picture. */
function cut(image: RgbImage, { width, height }: { readonly width: number; readonly height: number }): RgbImage {
  if (image.width === width && image.height === height) return image
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    data.set(image.data.subarray(y * image.width * 3, (y * image.width + width) * 3), y * width * 3)
  }
  return { width, height, data }
}
