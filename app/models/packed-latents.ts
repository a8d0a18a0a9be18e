import { type Tensor, tensor } from '../tensor/tensor.ts'

/* Flux' transformer takes latents as the reference's FluxPipeline packs them: patches row by row, and of each patch the channels one
 * after the other, each with its latents row by row. */

/** [pictures, channels, height, width] -> [pictures, height / patch x width / patch, channels x patch^2] */
export function packLatents({ shape, data }: Tensor, patch: number): Tensor {
  const [pictures, channels, height, width] = shape
  const packed = tensor([pictures, (height / patch) * (width / patch), channels * patch ** 2])
  data.forEach((value, at) => {
    packed.data[packedPlace(at, { channels, height, width, patch })] = value
  })
  return packed
}

/** The inverse. @param size height and width of the latents */
export function unpackLatents(
  { shape: [pictures, , both], data }: Tensor,
  { height, width, patch }: { readonly height: number; readonly width: number; readonly patch: number },
): Tensor {
  const channels = both / patch ** 2
  const unpacked = tensor([pictures, channels, height, width])
  unpacked.data.forEach((_, at) => {
    unpacked.data[at] = data[packedPlace(at, { channels, height, width, patch })]
  })
  return unpacked
}

/** Where a latent, counted through [pictures, channels, height, width], stands among the packed ones. */
function packedPlace(
  at: number,
  { channels, height, width, patch }: { channels: number; height: number; width: number; patch: number },
): number {
  const [x, row] = [at % width, Math.floor(at / width)]
  const [y, plane] = [row % height, Math.floor(row / height)]
  const [channel, picture] = [plane % channels, Math.floor(plane / channels)]
  const place = Math.floor(y / patch) * (width / patch) + Math.floor(x / patch)
  const inside = (channel * patch + (y % patch)) * patch + (x % patch)
  const places = (height / patch) * (width / patch)
  return (picture * places + place) * channels * patch ** 2 + inside
}
