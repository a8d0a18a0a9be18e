import type { RgbImage } from '../tensor/images.ts'
import { openOnnx } from '../weights/onnx-file.ts'
import {
  featureFor,
  type MaskDecoder,
  type MaskNetwork,
  type PictureEncoder,
  type SegmenterFiles,
  segmenterOf,
} from '../weights/segmenter.ts'
import { type Fed, OnnxSession, type Values } from './onnx-session.ts'
import { feedOf, type Placed, placedIn } from './shown-picture.ts'

/** A place that was clicked, in pixels of the picture. */
export interface Click {
  readonly x: number
  readonly y: number
  /** Whether it belongs to what is meant; else it does not. */
  readonly isInside: boolean
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** What was found: 1 for what is meant, 0 for what is not, row by row. */
export interface Found extends Size {
  readonly data: Uint8Array
  /** What hangs together with the click is meant; the rest only looks alike. */
  readonly isClickedPartAlone: boolean
}

/** What an encoder saw of a picture. */
interface Seen {
  readonly key: string
  readonly features: Readonly<Record<string, Values>>
  readonly placed: Placed
}

/** Answers clicks with a person's network; what it saw of the last picture is kept, so that only the first click on it takes long. */
export class Segmenting {
  readonly #threads: number
  readonly #sessions = new Map<string, OnnxSession>()
  #seen: Seen | undefined
  #masks: { readonly key: string; readonly values: Values } | undefined

  constructor(threads: number) {
    this.#threads = threads
  }

  /** @param key tells pictures apart  @param picture reads it  @param size of the answer  @throws Problem ONNX_*, SEGMENTER_* */
  async find(
    networks: SegmenterFiles,
    key: string,
    picture: () => Promise<RgbImage>,
    clicks: readonly Click[],
    size: Size,
  ): Promise<Found> {
    if ('network' in networks) return this.#plain(networks.network, key, picture, clicks, size)
    const [encoder, decoder] = [segmenterOf(openOnnx(networks.encoder)), segmenterOf(openOnnx(networks.decoder))]
    if (encoder.part !== 'picture encoder' || decoder.part !== 'mask decoder') throw new Error('the halves are none')
    const seen = await this.#see(encoder, key, picture)
    const masks = await this.#ask(encoder, decoder, seen, clicks, size)
    return { ...size, data: masks, isClickedPartAlone: false }
  }

  async #session(path: string): Promise<OnnxSession> {
    const known = this.#sessions.get(path)
    if (known !== undefined) return known
    const opened = await OnnxSession.open(path, this.#threads)
    this.#sessions.set(path, opened)
    return opened
  }

  async #see(encoder: PictureEncoder, key: string, picture: () => Promise<RgbImage>) {
    const whole = `${encoder.path} ${key}`
    if (this.#seen?.key === whole) return this.#seen
    const placed = placedIn(encoder.picture, await picture(), encoder.stretches)
    const features = await (await this.#session(encoder.path)).run([feedOf(encoder.picture, placed.image)])
    this.#seen = { key: whole, features, placed }
    return this.#seen
  }

  async #ask(
    encoder: PictureEncoder,
    decoder: MaskDecoder,
    { features, placed }: Seen,
    clicks: readonly Click[],
    size: Size,
  ): Promise<Uint8Array> {
    const feeds = [...pointFeeds(decoder, clicks, placed), ...earlierFeeds(decoder)]
    if (decoder.maskSize) feeds.push([decoder.maskSize, vector([placed.frame.height, placed.frame.width])])
    for (const wanted of decoder.features) {
      const given = featureFor(wanted, encoder)
      if (given !== undefined) feeds.push([wanted, features[given.name]])
    }
    const answer = await (await this.#session(decoder.path)).run(feeds)
    const best = bestOf(answer[decoder.masks], decoder.scores === undefined ? undefined : answer[decoder.scores])
    const { frame, masked, part: own } = placed
    const isAsAsked = decoder.maskSize !== undefined && best.width === frame.width && best.height === frame.height
    const covers = isAsAsked ? frame : masked
    const part = { width: (best.width * own.width) / covers.width, height: (best.height * own.height) / covers.height }
    return Uint8Array.from(stretched(best, part, size), value => Number(value > 0))
  }

  async #plain(
    path: string,
    key: string,
    picture: () => Promise<RgbImage>,
    clicks: readonly Click[],
    size: Size,
  ): Promise<Found> {
    const network = segmenterOf(openOnnx(path))
    if (network.part !== 'mask network') throw new Error('it is no network of masks')
    const values = await this.#masksOf(network, `${path} ${key}`, picture)
    const labels = labelsOf(values, size)
    const [click] = clicks
    const at =
      Math.min(size.height - 1, Math.max(0, Math.floor(click.y))) * size.width +
      Math.min(size.width - 1, Math.max(0, Math.floor(click.x)))
    const wanted = labels[at]
    return { ...size, data: Uint8Array.from(labels, label => Number(label === wanted)), isClickedPartAlone: true }
  }

  async #masksOf(network: MaskNetwork, key: string, picture: () => Promise<RgbImage>): Promise<Values> {
    if (this.#masks?.key === key) return this.#masks.values
    const { image } = placedIn(network.picture, await picture(), true)
    const values = (await (await this.#session(network.path)).run([feedOf(network.picture, image)]))[network.masks]
    this.#masks = { key, values }
    return values
  }

  /** Gives all memory back. */
  async release(): Promise<void> {
    this.#seen = undefined
    this.#masks = undefined
    for (const session of this.#sessions.values()) await session.release()
    this.#sessions.clear()
  }
}

const vector = (values: readonly number[]): Values => ({ shape: [values.length], data: Float32Array.from(values) })

/** A point that is none fills what is left: its label is -1. */
const NO_POINT = { x: 0, y: 0, label: -1 }

function pointFeeds({ points, labels }: MaskDecoder, clicks: readonly Click[], { scaleX, scaleY }: Placed): Fed[] {
  const rank = points.shape.length
  const count = points.shape[rank - 2] ?? clicks.length + 1
  const all = clicks
    .slice(-count)
    .map(({ x, y, isInside }) => ({ x: x * scaleX, y: y * scaleY, label: Number(isInside) }))
  while (all.length < count) all.push(NO_POINT)
  const leading = new Array<number>(rank - 2).fill(1)
  return [
    [points, { shape: [...leading, count, 2], data: Float32Array.from(all.flatMap(({ x, y }) => [x, y])) }],
    [labels, { shape: [...leading, count], data: Float32Array.from(all, ({ label }) => label) }],
  ]
}

/** There is no earlier mask. */
function earlierFeeds({ earlierMask, hasEarlierMask }: MaskDecoder): Fed[] {
  const feeds: Fed[] = []
  if (earlierMask) {
    const shape = earlierMask.shape.map((side, k) => side ?? (k < 2 ? 1 : EARLIER_SIDE))
    feeds.push([earlierMask, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }])
  }
  if (hasEarlierMask) feeds.push([hasEarlierMask, vector([0])])
  return feeds
}
/** A quarter of Segment Anything's side. */
const EARLIER_SIDE = 256

interface Plane extends Size {
  readonly data: Float32Array
}

/** The mask that the network holds for the best. */
function bestOf({ shape, data }: Values, scores: Values | undefined): Plane {
  const [height, width] = shape.slice(-2)
  const size = width * height
  const count = data.length / size
  let best = 0
  for (let k = 1; k < Math.min(count, scores?.data.length ?? 1); k++) {
    if ((scores?.data[k] ?? 0) > (scores?.data[best] ?? 0)) best = k
  }
  return { width, height, data: data.subarray(best * size, (best + 1) * size) }
}

/** A part of a plane, from its top left corner, at another size: between four values in proportion. */
function stretched({ width, height, data }: Plane, part: Size, size: Size): Float32Array {
  if (size.width === width && size.height === height && part.width === width && part.height === height) return data
  const result = new Float32Array(size.width * size.height)
  const [stepX, stepY] = [part.width / size.width, part.height / size.height]
  const clamp = (place: number, most: number) => Math.min(most, Math.max(0, place))
  for (let y = 0; y < size.height; y++) {
    const row = clamp((y + 0.5) * stepY - 0.5, height - 1)
    const top = Math.floor(row)
    const below = Math.min(height - 1, top + 1)
    for (let x = 0; x < size.width; x++) {
      const column = clamp((x + 0.5) * stepX - 0.5, width - 1)
      const left = Math.floor(column)
      const right = Math.min(width - 1, left + 1)
      const [fx, fy] = [column - left, row - top]
      const upper = data[top * width + left] * (1 - fx) + data[top * width + right] * fx
      const lower = data[below * width + left] * (1 - fx) + data[below * width + right] * fx
      result[y * size.width + x] = upper * (1 - fy) + lower * fy
    }
  }
  return result
}

/** What each pixel of a picture is, by a number: 1 and 0 of a single mask, the kind that is likeliest of several, or what was said. */
function labelsOf({ shape, data }: Values, size: Size): Uint16Array {
  const [height, width] = shape.slice(-2)
  const plane = width * height
  const count = Math.max(1, data.length / plane)
  const planes = Array.from({ length: count }, (_, k) => ({
    width,
    height,
    data: data.subarray(k * plane, (k + 1) * plane),
  }))
  if (count === 1) return singleLabels(planes[0], size)
  const labels = new Uint16Array(size.width * size.height)
  const best = new Float32Array(labels.length).fill(Number.NEGATIVE_INFINITY)
  for (const [kind, each] of planes.entries()) {
    for (const [k, value] of stretched(each, each, size).entries()) {
      if (value <= best[k]) continue
      best[k] = value
      labels[k] = kind
    }
  }
  return labels
}

function singleLabels(plane: Plane, size: Size): Uint16Array {
  let [least, most, isWhole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true]
  for (const value of plane.data) {
    least = Math.min(least, value)
    most = Math.max(most, value)
    isWhole &&= Number.isInteger(value)
  }
  // Numbers of kinds cannot be mixed: the nearest counts.
  if (isWhole && most > 1) {
    return Uint16Array.from({ length: size.width * size.height }, (_, k) => {
      const [x, y] = [k % size.width, Math.floor(k / size.width)]
      const [column, row] = [
        Math.floor(((x + 0.5) * plane.width) / size.width),
        Math.floor(((y + 0.5) * plane.height) / size.height),
      ]
      return plane.data[row * plane.width + column]
    })
  }
  // Chances are cut in their middle, as measured on this picture; what reaches below 0 are their logits.
  const threshold = least < 0 ? 0 : (least + most) / 2
  return Uint16Array.from(stretched(plane, plane, size), value => Number(value > threshold))
}
