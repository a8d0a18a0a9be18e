import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { problemCode, temporaryFolder } from '../../app/library/testing.ts'
import { measure } from './measure.ts'

const models = join(import.meta.dirname, '../../native-models')

async function run(argv: readonly string[], folder: string) {
  const lines: string[] = []
  const told: string[] = []
  const terminal = {
    stdout: { write: (text: string) => lines.push(text) > 0 },
    stderr: { isTTY: false, columns: 80, write: (text: string) => told.push(text) > 0 },
    folder,
  }
  await measure(argv, models, terminal, new AbortController().signal)
  return { line: lines.join(''), told: told.join('') }
}

/** Slopes of colour, by a formula that the reference was given too. */
async function picture(file: string, k: number, width: number, height: number, change = (value: number) => value) {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = [(x * k) % 256, (y * 3 + k * 40) % 256, ((x + y) * 2) % 256].map(change)
      data.set(colour, (y * width + x) * 3)
    }
  }
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(file)
}

/** Three pictures, each with its words, and a damaged one. */
async function folderOfPictures(): Promise<string> {
  const folder = temporaryFolder()
  await picture(join(folder, 'a.png'), 1, 96, 64)
  await picture(join(folder, 'b.png'), 2, 80, 120)
  await picture(join(folder, 'c.png'), 5, 64, 64)
  writeFileSync(join(folder, 'a.txt'), 'a red apple\n')
  writeFileSync(join(folder, 'b.txt'), '\uFEFFa cat, flat style, on a blue background')
  writeFileSync(join(folder, 'c.txt'), 'a house')
  writeFileSync(join(folder, 'd.png'), 'no picture')
  return folder
}

test('CLIP score of pictures with their own words, as transformers computes it', async () => {
  const folder = await folderOfPictures()
  const { line, told } = await run(['clip-score', '.', '--json'], folder)
  const figure = JSON.parse(line)
  expect(figure).toMatchObject({ metric: 'clip-score', network: 'CLIP vision (sticker-world/clip)', pictures: [3] })
  expect(figure.value).toBeCloseTo(8.413212776184082, 3)
  expect(told).toMatch(/d\.png is left out: This is not a picture/)
})

test('distances of a set from itself are none, and every figure names its network', async () => {
  const folder = await folderOfPictures()
  const { line } = await run(['fid', folder, folder, '--json'], folder)
  expect(JSON.parse(line).value).toBeCloseTo(0, 3)
  expect((await run(['kid', '.', '.'], folder)).line).toMatch(
    /^Kernel distance .*CLIP vision \(sticker-world\/clip\); 3 and 3/,
  )
})

test('pictures of one name are compared by their pixels', async () => {
  const [ours, theirs] = [temporaryFolder(), temporaryFolder()]
  await picture(join(ours, 'one.png'), 1, 40, 30)
  await picture(join(theirs, 'one.png'), 1, 40, 30, value => Math.min(value + 1, 255))
  await picture(join(theirs, 'other.png'), 1, 9, 9)
  const { value, pictures } = JSON.parse((await run(['psnr', ours, theirs, '--json'], ours)).line)
  expect(pictures).toEqual([1, 1])
  // All but the bytes of 255 differ by 1: a little more than 20 log10(255).
  expect(value).toBeGreaterThan(48.13)
  expect(value).toBeLessThan(48.2)
  expect(JSON.parse((await run(['ssim', ours, ours, '--json'], ours)).line).value).toBeCloseTo(1, 10)
})

test('what cannot be measured is refused in words', async () => {
  const folder = await folderOfPictures()
  expect(await problemCode(() => run(['is', folder], folder))).toBe('METRIC_CLASSES')
  expect(await problemCode(() => run(['fid', folder], folder))).toBe('COMMAND_LINE')
  expect(await problemCode(() => run(['fid', folder, join(folder, 'none')], folder))).toBe('FILE_MISSING')
  expect(await problemCode(() => run(['fid', folder, temporaryFolder()], folder))).toBe('PICTURES_NONE')
  expect(await problemCode(() => run(['kid', folder, folder, '--network', folder], folder))).toBe('METRIC_NETWORK')
  expect(await problemCode(() => run(['psnr', folder, temporaryFolder()], folder))).toBe('PICTURES_NONE')
})
