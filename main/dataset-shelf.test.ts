import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import type { Dataset } from '../app/api/contract.ts'
import { embedRecipe } from '../app/library/recipe/recipe.ts'
import { problemCode, recipe, temporaryFolder, testLibrary } from '../app/library/testing.ts'
import { DatasetShelf } from './dataset-shelf.ts'
import { PictureReader } from './picture-reader-process.ts'
import { Thumbnails } from './thumbnails.ts'
import { openTrainingSet } from './training-set.ts'

function testShelf(reader = new PictureReader()) {
  const told: Dataset[] = []
  const library = testLibrary()
  const thumbnails = new Thumbnails(join(temporaryFolder(), 'thumbnails'))
  const shelf = new DatasetShelf({
    table: library.datasets,
    thumbnails,
    reader,
    onChange: each => void told.push(each),
  })
  onTestFinished(() => shelf.close())
  return { shelf, told, thumbnails, reader }
}

const raw = (
  width: number,
  height: number,
  channels: 3 | 4,
  colour: (x: number, y: number) => readonly number[],
): Sharp => {
  const data = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * channels)
  }
  return sharp(data, { raw: { width, height, channels } })
}

/** The left half red, the right half blue. */
const halves = (width: number, height: number) =>
  raw(width, height, 3, x => (x < width / 2 ? [255, 0, 0] : [0, 0, 255]))

async function lookedAt(shelf: DatasetShelf, folder: string) {
  const { id } = await shelf.create({ folder })
  return shelf.settled(id)
}

test('pictures of every kind are looked at; those that cannot be read are listed, and the rest is there', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'more'))
  await halves(64, 48).png().toFile(join(folder, 'plain.png'))
  await halves(64, 48).toColourspace('cmyk').jpeg().toFile(join(folder, 'cmyk.jpg'))
  await halves(64, 48).toColourspace('rgb16').png().toFile(join(folder, 'deep.png'))
  await halves(64, 48).greyscale().png().toFile(join(folder, 'grey.png'))
  await halves(64, 48).withMetadata({ orientation: 6 }).jpeg().toFile(join(folder, 'turned.jpg'))
  await raw(40, 40, 4, x => [0, 200, 0, x < 20 ? 0 : 255])
    .png()
    .toFile(join(folder, 'more', 'alpha.png'))
  await sharp(
    [
      await halves(32, 32).png().toBuffer(),
      await raw(32, 32, 3, () => [9, 9, 9])
        .png()
        .toBuffer(),
    ],
    {
      join: { animated: true },
    },
  )
    .gif()
    .toFile(join(folder, 'moving.gif'))
  writeFileSync(join(folder, 'broken.jpg'), (await halves(300, 300).jpeg().toBuffer()).subarray(0, 900))
  writeFileSync(join(folder, 'empty.png'), '')
  writeFileSync(join(folder, 'svg.png'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  writeFileSync(join(folder, 'notes.md'), 'no picture')
  writeFileSync(join(folder, 'plain.txt'), 'two halves')
  const { shelf, thumbnails } = testShelf()
  const dataset = await lookedAt(shelf, folder)
  expect(dataset).toMatchObject({ pictures: 7, refused: 3, captioned: 1, isComplete: true })
  const { pictures } = shelf.pictures({ id: dataset.id })
  const found = Object.fromEntries(pictures.map(picture => [picture.path, picture]))
  expect(Object.keys(found)).toEqual(Object.keys(found).sort())
  expect(found['turned.jpg']).toMatchObject({ width: 48, height: 64 })
  expect(found['moving.gif']).toMatchObject({ width: 32, height: 32, frames: 2 })
  expect(found['more/alpha.png']).toMatchObject({ hasAlpha: true })
  expect(found['plain.png']).toMatchObject({ caption: 'two halves', captionSource: 'file' })
  expect(['broken.jpg', 'empty.png', 'svg.png'].map(path => found[path].problem?.code)).toEqual([
    ...['PICTURE_DAMAGED', 'PICTURE_FORMAT', 'PICTURE_FORMAT'],
  ])
  const thumbnail = thumbnails.find(found['plain.png'].thumbnail ?? '')
  expect(await sharp(thumbnail?.path).metadata()).toMatchObject({ format: 'webp', width: 64, height: 48 })
})

test('a trainer reads the pixels that a plan promises', async () => {
  const folder = temporaryFolder()
  await raw(40, 20, 4, x => [0, 200, 0, x < 20 ? 0 : 255])
    .png()
    .toFile(join(folder, 'alpha.png'))
  await halves(64, 64).toColourspace('cmyk').tiff().toFile(join(folder, 'cmyk.tif'))
  await halves(64, 64).toColourspace('rgb16').png().toFile(join(folder, 'deep.png'))
  await halves(64, 48).withMetadata({ orientation: 6 }).png().toFile(join(folder, 'turned.png'))
  const { shelf, reader } = testShelf()
  const { id } = await shelf.create({ folder, background: '#ff00ff', mayFlip: true })
  await shelf.settled(id)
  const set = openTrainingSet(shelf.trainingPlan(id, { resolution: 16, step: 8 }), reader)
  expect(set.examples.map(({ size, mayFlip }) => [size.width, size.height, mayFlip])).toEqual([
    [24, 8, true],
    [16, 16, true],
    [16, 16, true],
    [16, 16, true],
  ])
  /** Red, green and blue near a corner, -1 to 1. */
  const corner = async (index: number, place: 'first' | 'last') => {
    const { shape, data } = await set.read(index)
    const plane = shape[1] * shape[2]
    expect(shape).toEqual([3, set.examples[index].size.height, set.examples[index].size.width])
    return [0, 1, 2].map(channel => data[channel * plane + (place === 'first' ? 0 : plane - 1)])
  }
  expect(await corner(0, 'first')).toEqual([1, -1, 1])
  expect(await corner(0, 'last')).toEqual([-1, expect.closeTo((200 / 255) * 2 - 1, 5), -1])
  const [red] = await corner(1, 'first')
  expect(red).toBeGreaterThan(0.6)
  expect(await corner(2, 'first')).toEqual([1, -1, -1])
  // Turned to the right: what was at the left is at the top.
  expect(await corner(3, 'first')).toEqual([1, -1, -1])
  expect(await corner(3, 'last')).toEqual([-1, -1, 1])
  const again = [await set.read(2), await set.read(2)]
  expect(again[0]).toEqual(again[1])
  await halves(32, 32).png().toFile(join(folder, 'deep.png'))
  expect(await problemCode(() => set.read(2))).toBe('PICTURE_CHANGED')
  rmSync(join(folder, 'deep.png'))
  expect(await problemCode(() => set.read(2))).toBe('FILE_MISSING')
})

test('a colour profile is followed', async () => {
  const folder = temporaryFolder()
  await raw(16, 16, 3, () => [0, 255, 0])
    .withIccProfile('p3')
    .png()
    .toFile(join(folder, 'wide.png'))
  const data = await sharp(join(folder, 'wide.png'), { ignoreIcc: true }).removeAlpha().raw().toBuffer()
  const reader = new PictureReader()
  onTestFinished(() => reader.close())
  const { data: seen } = await reader.pixels({ path: join(folder, 'wide.png'), background: '#ffffff' })
  // sRGB's green in Display P3 is a mixture; read by its profile it is pure again.
  expect(data[0]).toBeGreaterThan(80)
  expect([...seen.subarray(0, 3)].map(value => Math.round(value / 8) * 8)).toEqual([0, 256, 0])
})

test('what moved, changed, went or came is found when the folder is looked at again', async () => {
  const folder = temporaryFolder()
  for (const [k, name] of ['a', 'b', 'c'].entries())
    await halves(30 + k, 30)
      .png()
      .toFile(join(folder, `${name}.png`))
  const { shelf } = testShelf()
  const { id } = await lookedAt(shelf, folder)
  const [first] = shelf.pictures({ id }).pictures
  shelf.change({ id, pictures: [first.number], caption: 'mine' })
  renameSync(join(folder, 'a.png'), join(folder, 'moved.png'))
  rmSync(join(folder, 'b.png'))
  writeFileSync(join(folder, 'c.txt'), 'new words')
  copyFileSync(join(folder, 'c.png'), join(folder, 'd.png'))
  await shelf.lookAgain(id)
  await shelf.settled(id)
  const { pictures } = shelf.pictures({ id })
  expect(pictures.map(({ path, caption, problem }) => [path, caption, problem?.code])).toEqual([
    ['b.png', '', 'PICTURE_GONE'],
    ['c.png', 'new words', undefined],
    ['d.png', '', undefined],
    ['moved.png', 'mine', undefined],
  ])
  expect(pictures[3].number).toBe(first.number)
  expect(shelf.details({ id }).duplicates).toEqual([[1, 2, 3].map(k => pictures[k].number)])
})

test('prompts that pictures carry become their words', async () => {
  const folder = temporaryFolder()
  const png = embedRecipe(await halves(20, 20).png().toBuffer(), recipe({ prompt: 'a red fox, sitting' }), {
    saysOrigin: true,
  })
  writeFileSync(join(folder, 'drawn.png'), png)
  const { shelf } = testShelf()
  const { id } = await lookedAt(shelf, folder)
  expect(shelf.pictures({ id }).pictures[0]).toMatchObject({ caption: 'a red fox, sitting', captionSource: 'prompt' })
  expect(shelf.details({ id }).tags.map(({ tag }) => tag)).toEqual(['a red fox', 'sitting'])
})

test('one picture is enough, none is not', async () => {
  const { shelf } = testShelf()
  const folder = temporaryFolder()
  expect(await problemCode(() => shelf.create({ folder }))).toBe('DATASET_EMPTY')
  expect(await problemCode(() => shelf.create({ folder: join(folder, 'none') }))).toBe('FILE_MISSING')
  await halves(16, 16).png().toFile(join(folder, 'one.png'))
  expect(await problemCode(() => shelf.create({ folder: join(folder, 'one.png') }))).toBe('FOLDER_NEEDED')
  expect(await lookedAt(shelf, folder)).toMatchObject({ pictures: 1, isComplete: true })
  expect(shelf.list()).toHaveLength(1)
})

test('a look is ended by a cancel and goes on where it was; progress is told', async () => {
  const folder = temporaryFolder()
  const png = await halves(16, 16).png().toBuffer()
  for (let k = 0; k < 120; k++) writeFileSync(join(folder, `${k}.png`), png)
  const { shelf, told } = testShelf()
  const { id, progress } = await shelf.create({ folder })
  expect(progress).toEqual({ done: 0, total: 120 })
  shelf.cancel(id)
  const stopped = await shelf.settled(id)
  expect(stopped.isComplete).toBe(false)
  expect(stopped.pictures).toBeLessThan(120)
  expect(stopped.progress).toBeUndefined()
  await shelf.lookAgain(id)
  expect(await shelf.settled(id)).toMatchObject({ pictures: 120, isComplete: true })
  expect(told.at(-1)).toMatchObject({ pictures: 120, isComplete: true })
})

test('files that are as they were are not read again', async () => {
  const folder = temporaryFolder()
  await halves(16, 16).png().toFile(join(folder, 'a.png'))
  const { shelf } = testShelf()
  const { id } = await lookedAt(shelf, folder)
  // Another content under the same size and time passes unseen: what a fingerprint is for.
  const bytes = readFileSync(join(folder, 'a.png'))
  const time = new Date(1_700_000_000_000)
  utimesSync(join(folder, 'a.png'), time, time)
  await shelf.lookAgain(id)
  await shelf.settled(id)
  writeFileSync(join(folder, 'a.png'), new Uint8Array(bytes.length))
  utimesSync(join(folder, 'a.png'), time, time)
  await shelf.lookAgain(id)
  expect(await shelf.settled(id)).toMatchObject({ pictures: 1, refused: 0 })
})

test('a picture that takes too long is refused alone', async () => {
  const folder = temporaryFolder()
  await halves(4000, 4000).png().toFile(join(folder, 'a.png'))
  const { shelf } = testShelf(new PictureReader({ time: 1, memory: 2 ** 31 }))
  expect(await lookedAt(shelf, folder)).toMatchObject({ pictures: 0, refused: 1, isComplete: true })
})

test('class images that a model drew become a data set of class images; more of them come into the same one', async () => {
  const folder = temporaryFolder()
  await halves(40, 30).png().toFile(join(folder, '1.png'))
  writeFileSync(join(folder, '1.txt'), 'a cat')
  const { shelf } = testShelf()
  const first = await shelf.keepClassImages(folder, 'cat, drawn by Sticker World')
  expect(first).toMatchObject({ name: 'cat, drawn by Sticker World', pictures: 1, classImages: 1, captioned: 1 })
  await halves(30, 40).png().toFile(join(folder, '2.png'))
  const second = await shelf.keepClassImages(folder, 'another name')
  expect(second).toMatchObject({ id: first.id, name: first.name, pictures: 2, classImages: 2 })
  expect(shelf.list()).toHaveLength(1)
})
