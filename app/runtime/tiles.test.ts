import { expect, test } from 'vitest'
import { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { decodingTiles, encodingTiles, inTiles } from './tiles.ts'

/** A decoder without a neighbourhood: each latent becomes stride x stride equal pixels, so tiles cannot differ from the whole. */
const enlarge = (stride: number) => async (latents: Tensor) => {
  const [batch, channels, height, width] = latents.shape
  const picture = tensor([batch, channels, height * stride, width * stride])
  picture.data.forEach((_, at) => {
    const [x, y] = [at % (width * stride), Math.floor(at / (width * stride)) % (height * stride)]
    const plane = Math.floor(at / (width * stride * height * stride))
    picture.data[at] = latents.data[(plane * height + Math.floor(y / stride)) * width + Math.floor(x / stride)]
  })
  return picture
}

test.each([
  [20, 33],
  [16, 40],
  [37, 8],
])('latents of %i x %i in tiles of 16 equal the whole', async (height, width) => {
  const latents = new TorchGenerator(5n).normal([2, 3, height, width])
  const sizes: string[] = []
  const decode = async (tile: Tensor) => {
    sizes.push(tile.shape.slice(2).join('x'))
    return enlarge(4)(tile)
  }
  const whole = await enlarge(4)(latents)
  const tiled = await inTiles(latents, { read: 16, made: 64, from: 16 }, decode)
  expect(sizes.length).toBeGreaterThan(1)
  expect(tiled.shape).toEqual(whole.shape)
  const worst = tiled.data.reduce((most, value, k) => Math.max(most, Math.abs(value - whole.data[k])), 0)
  expect(worst).toBeLessThan(1e-6)
})

test('small latents are decoded whole', async () => {
  let calls = 0
  await inTiles(tensor([1, 4, 96, 96]), decodingTiles(8), async tile => {
    calls++
    expect(tile.shape).toEqual([1, 4, 96, 96])
    return tensor([1, 3, 768, 768])
  })
  expect(calls).toBe(1)
})

/** The way back: the first pixel of each stride x stride square. */
const shrink = (stride: number) => async (picture: Tensor) => {
  const [batch, channels, height, width] = picture.shape
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)]
  const latents = tensor([batch, channels, rows, columns])
  latents.data.forEach((_, at) => {
    const [x, y] = [at % columns, Math.floor(at / columns) % rows]
    latents.data[at] = picture.data[(Math.floor(at / columns / rows) * height + y * stride) * width + x * stride]
  })
  return latents
}

test('pixels in tiles give the latents of the whole', async () => {
  const picture = new TorchGenerator(6n).normal([2, 3, 80, 132])
  const whole = await shrink(4)(picture)
  const tiled = await inTiles(picture, { read: 64, made: 16, from: 64 }, shrink(4))
  expect(tiled.shape).toEqual(whole.shape)
  const worst = tiled.data.reduce((most, value, k) => Math.max(most, Math.abs(value - whole.data[k])), 0)
  expect(worst).toBeLessThan(1e-6)
})

test('pictures are encoded in tiles from the size on from which they are decoded so', () => {
  expect(encodingTiles(8)).toEqual({ read: 512, made: 64, from: 768 })
  expect(decodingTiles(8)).toEqual({ read: 64, made: 512, from: 96 })
})
