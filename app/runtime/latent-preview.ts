import type { RgbImage } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/** What a preview is fitted on: pixels to the mean of their latents, not scaled. */
interface LatentEncoder {
  encode(pixels: Tensor): Promise<{ mean: Tensor }>
  latentShape(pictures: number, size: { readonly width: number; readonly height: number }): readonly number[]
}

/** Pixels on a side of the picture of colour patches that the map is fitted on. */
const CHART = 256
/** Patches on a side of it; each spans several latents, so that most of them see one colour. */
const PATCHES = 8

/** Rough pictures of latents: each latent's colour as a linear function of its channels, fitted once to the model's own autoencoder
 *  (least squares over a chart of random colours), so that it serves whatever latents a model has. */
export class LatentPreview {
  readonly #unscaled: (latents: Tensor) => Tensor
  /** [3][channels + 1]: weights, then the constant; pixels in [-1, 1] */
  readonly #map: readonly (readonly number[])[]

  private constructor(map: readonly (readonly number[])[], unscaled: (latents: Tensor) => Tensor) {
    this.#map = map
    this.#unscaled = unscaled
  }

  /** Encodes the chart and fits the map. @param unscaled makes the autoencoder's latents of the UNet's */
  static async fit(encoder: LatentEncoder, unscaled: (latents: Tensor) => Tensor): Promise<LatentPreview> {
    const chart = colourChart()
    const { mean } = await encoder.encode(chart)
    const [, channels, height, width] = mean.shape
    const colours = averaged(chart, height, width)
    const rows = Array.from({ length: height * width }, (_, place) => [
      ...Array.from({ length: channels }, (_, channel) => mean.data[channel * height * width + place]),
      1,
    ])
    const map = [0, 1, 2].map(channel =>
      leastSquares(
        rows,
        colours.map(colour => colour[channel]),
      ),
    )
    return new LatentPreview(map, unscaled)
  }

  /** @param latents scaled, [pictures, channels, height, width]  @returns a picture of width x height pixels for each */
  draw(latents: Tensor): RgbImage[] {
    const [pictures, channels, height, width] = latents.shape
    const plane = height * width
    const unscaled = this.#unscaled(latents).data
    return Array.from({ length: pictures }, (_, picture) => {
      const data = new Uint8Array(plane * 3)
      for (let place = 0; place < plane; place++) {
        this.#map.forEach((weights, colour) => {
          let value = weights[channels]
          for (let channel = 0; channel < channels; channel++) {
            value += weights[channel] * unscaled[(picture * channels + channel) * plane + place]
          }
          data[place * 3 + colour] = Math.min(Math.max(Math.round((value / 2 + 0.5) * 255), 0), 255)
        })
      }
      return { width, height, data }
    })
  }
}

/** [1, 3, CHART, CHART] in [-1, 1]: patches of random colours, always the same. */
function colourChart(): Tensor {
  const colours = new TorchGenerator(0n).uniform([3, PATCHES, PATCHES], { low: -1, high: 1 })
  const side = CHART / PATCHES
  const chart = tensor([1, 3, CHART, CHART])
  chart.data.forEach((_, at) => {
    const [channel, y, x] = [Math.floor(at / CHART / CHART), Math.floor(at / CHART) % CHART, at % CHART]
    chart.data[at] = colours.data[(channel * PATCHES + Math.floor(y / side)) * PATCHES + Math.floor(x / side)]
  })
  return chart
}

/** Mean colours [height x width][3] of equal fields of the chart. */
function averaged(chart: Tensor, height: number, width: number): number[][] {
  const [fieldHeight, fieldWidth] = [CHART / height, CHART / width]
  return Array.from({ length: height * width }, (_, place) => {
    const [top, left] = [Math.floor(place / width) * fieldHeight, (place % width) * fieldWidth]
    return [0, 1, 2].map(channel => {
      let sum = 0
      for (let y = 0; y < fieldHeight; y++) {
        for (let x = 0; x < fieldWidth; x++) sum += chart.data[(channel * CHART + top + y) * CHART + left + x]
      }
      return sum / fieldHeight / fieldWidth
    })
  })
}

/** Weights w that make rows · w closest to the targets: solves the normal equations by Gaussian elimination, with a small ridge
 *  so that channels that never vary do no harm. */
function leastSquares(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const size = rows[0].length
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => rows.reduce((sum, row) => sum + row[i] * row[j], i === j ? 1e-3 : 0)),
    rows.reduce((sum, row, k) => sum + row[i] * targets[k], 0),
  ])
  for (let pivot = 0; pivot < size; pivot++) {
    const best = system
      .slice(pivot)
      .reduce((most, row, k) => (Math.abs(row[pivot]) > Math.abs(system[most][pivot]) ? pivot + k : most), pivot)
    ;[system[pivot], system[best]] = [system[best], system[pivot]]
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue
      const factor = system[row][pivot] / system[pivot][pivot]
      system[row] = system[row].map((value, k) => value - factor * system[pivot][k])
    }
  }
  return system.map((row, k) => row[size] / row[k])
}
