import type { RgbImage } from '../tensor/images.ts'
import { resample } from '../tensor/resample.ts'
import type { PictureInput } from '../weights/segmenter.ts'
import type { Fed } from './onnx-session.ts'

/* How networks that people bring are shown pictures. */

type Size = Pick<RgbImage, 'width' | 'height'>

/** Side that pictures are read at where the network does not say. */
const SIDE = 1024
/** Means and deviations of ImageNet's pictures, which these networks were trained with; of 0 to 1. */
const [MEAN, DEVIATION] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
]

/** A picture as a network is shown it. */
export interface Placed {
  readonly image: RgbImage
  /** Pixels of it for one of the picture. */
  readonly scaleX: number
  readonly scaleY: number
  /** What of the frame the picture takes, at its top left. */
  readonly part: Size
  /** What the encoder is shown. Decoders that are told a size cut the square that they answer for to its proportion: masks are asked for the frame,
   *  which has a side of that square, and the picture may not. */
  readonly frame: Size
  /** What masks cover that nobody cut: encoders that prepare their picture fill it up to a square. */
  readonly masked: Size
}

/** Stretched to the network's sides, or with its proportion, at the top left. */
export function placedIn(input: PictureInput, picture: RgbImage, stretches: boolean): Placed {
  const { width = SIDE, height = SIDE } = input
  const scale = Math.min(width / picture.width, height / picture.height)
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  const part = stretches ? { width, height } : { width: side(picture.width), height: side(picture.height) }
  const isRaw = preparesItself(input)
  const frame = {
    width: input.width ?? (isRaw ? part.width : SIDE),
    height: input.height ?? (isRaw ? part.height : SIDE),
  }
  const square = Math.max(width, height)
  return {
    image: resample(picture, part, 'bilinear'),
    ...{ scaleX: part.width / picture.width, scaleY: part.height / picture.height },
    ...{ part, frame, masked: isRaw && !stretches ? { width: square, height: square } : frame },
  }
}

/** Where channels come last without a batch, or bytes are taken, the network prepares the picture itself. */
const preparesItself = ({ layout, type }: PictureInput): boolean => layout === 'hwc' || type === 'uint8'

/** A picture as an input takes it. A network that prepares it takes its bytes and any size. Else what its sides leave is filled with nothing. */
export function feedOf(input: PictureInput, { width: across, height: down, data: bytes }: RgbImage): Fed {
  const { layout, type } = input
  const isRaw = preparesItself(input)
  const [width, height] = [
    input.width ?? (isRaw ? across : Math.max(across, SIDE)),
    input.height ?? (isRaw ? down : Math.max(down, SIDE)),
  ]
  const data = new Float32Array(width * height * 3)
  const [pixel, channelStep] = layout === 'nchw' ? [1, width * height] : [3, 1]
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = bytes[(row * across + column) * 3 + channel]
        data[(row * width + column) * pixel + channel * channelStep] = isRaw
          ? value
          : (value / 255 - MEAN[channel]) / DEVIATION[channel]
      }
    }
  }
  const shape =
    layout === 'nchw' ? [1, 3, height, width] : layout === 'nhwc' ? [1, height, width, 3] : [height, width, 3]
  return [
    { name: input.name, type, shape },
    { shape, data },
  ]
}
