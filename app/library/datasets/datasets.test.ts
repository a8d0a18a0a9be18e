import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { problemCode, testLibrary } from '../testing.ts'
import { bucketFor, bucketSizes, cropFor, seenOf, usualStep } from './buckets.ts'
import type { Datasets, Look } from './datasets.ts'
import { listPictures } from './describe.ts'
import { DuplicateFinder, findDuplicates } from './duplicates.ts'
import { editTags } from './tags.ts'
import { planTraining } from './training-plan.ts'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

const look = (path: string, change: object = {}): Look => ({
  ...{ path, fingerprint: '1', hash: hashOf(path), width: 640, height: 480, format: 'png', frames: 1 },
  ...{ hasAlpha: false, thumbnail: hashOf(`small ${path}`), perceptualHash: `${hashOf(path).slice(0, 16)}808080` },
  ...change,
})

function filled(looks: readonly Look[]): { datasets: Datasets; id: string } {
  const { datasets } = testLibrary()
  const id = datasets.add({ name: 'cats', folder: '/pictures/cats', background: '#ffffff' })
  datasets.record(id, looks, false)
  return { datasets, id }
}

test("buckets are those of kohya's scripts", () => {
  // make_bucket_resolutions((512, 512), min_size=256, max_size=1024, divisible=64)
  const kohya =
    '256x832 256x896 256x960 256x1024 320x704 320x768 384x640 448x576 512x512 576x448 640x384 704x320 768x320 832x256 896x256 960x256 1024x256'
  const ours = bucketSizes({ resolution: 512, step: 64 }).map(({ width, height }) => `${width}x${height}`)
  expect(ours.join(' ')).toBe(kohya)
  for (const { width, height } of bucketSizes({ resolution: 96, step: 8 })) {
    expect([width % 8, height % 8]).toEqual([0, 0])
    expect(width * height).toBeLessThanOrEqual(96 * 96)
  }
  expect([usualStep(512, 8), usualStep(128, 8), usualStep(1024, 16), usualStep(512, 24)]).toEqual([64, 8, 64, 24])
})

test('a picture goes where its proportions are nearest, and keeps as much of itself as fits', () => {
  const sizes = bucketSizes({ resolution: 512, step: 64 })
  expect(bucketFor({ width: 1000, height: 1000 }, sizes)).toEqual({ width: 512, height: 512 })
  expect(bucketFor({ width: 4000, height: 3000 }, sizes)).toEqual({ width: 576, height: 448 })
  expect(bucketFor({ width: 10, height: 3000 }, sizes)).toEqual({ width: 256, height: 1024 })
  expect(cropFor({ width: 200, height: 100 }, { width: 64, height: 64 })).toEqual({
    left: 50,
    top: 0,
    right: 150,
    bottom: 100,
  })
  expect(seenOf({ width: 200, height: 100 }, [{ width: 64, height: 64 }])).toMatchObject({ enlargement: 0.64 })
})

test('of a chosen part the model sees the middle, in the size that is nearest to it', () => {
  const sizes = bucketSizes({ resolution: 512, step: 64 })
  const crop = { left: 100, top: 40, right: 500, bottom: 440 }
  const square = seenOf({ width: 2000, height: 500, crop }, sizes)
  expect(square).toEqual({ size: { width: 512, height: 512 }, box: crop, enlargement: 1.28 })
  const wide = { left: 10, top: 20, right: 1010, bottom: 120 }
  const { size, box } = seenOf({ width: 2000, height: 500, crop: wide }, sizes)
  expect(size).toEqual({ width: 1024, height: 256 })
  expect(box).toEqual({ left: 310, top: 20, right: 710, bottom: 120 })
  const only = { width: 32, height: 32 }
  expect(seenOf({ width: 2000, height: 500 }, bucketSizes({ resolution: 32, step: 8, size: only })).size).toEqual(only)
})

test('copies are found by what they look like and by their files', () => {
  const colour = '101010'
  const seen = (number: number, perceptualHash: string, hash = hashOf(String(number))) => ({
    number,
    perceptualHash,
    hash,
  })
  const groups = findDuplicates([
    seen(1, `0f0f0f0f0f0f0f0f${colour}`),
    seen(2, `aaaaaaaaaaaaaaaa${colour}`),
    seen(3, `0f0f0f0f0f0f0f30${colour}`), // 6 bits away from the first
    seen(4, `0f0f0f0f0f0fff0f${colour}`), // 4 bits away from the first
    seen(5, `0f0f0f0f0f0f0f0fff1010`), // another colour
    seen(6, `5555555555555555${colour}`, hashOf('2')),
    seen(7, `0f0f0f0f0f0f80f0${colour}`),
  ])
  expect(groups).toEqual([
    [1, 3, 4],
    [2, 6],
  ])
})

test('tags are edited in order, once each, whatever their case', () => {
  expect(
    editTags('cat, Blue Sky,, tree', { remove: ['TREE'], replace: [{ from: 'blue sky', to: 'sky, clouds' }] }),
  ).toBe('cat, sky, clouds')
  expect(editTags('a cat', { addFirst: ['sks', 'A cat'], addLast: ['photo'] })).toBe('sks, A cat, photo')
})

test('words by hand are kept when a folder is looked at again', () => {
  const { datasets, id } = filled([
    look('a.png', { caption: 'from a file' }),
    look('b.png', { prompt: 'drawn' }),
    look('c.png'),
  ])
  const words = () => datasets.pictures(id).map(({ caption, captionSource }) => [caption, captionSource])
  expect(words()).toEqual([
    ['from a file', 'file'],
    ['drawn', 'prompt'],
    ['', 'none'],
  ])
  const [first] = datasets.pictures(id)
  expect(datasets.change({ id, pictures: [first.number], caption: ' mine ', mayFlip: true })).toBe(1)
  datasets.record(id, [look('a.png', { caption: 'other' }), look('c.png', { caption: 'new' })], false)
  expect(words()).toEqual([
    ['mine', 'hand'],
    ['drawn', 'prompt'],
    ['new', 'file'],
  ])
  const before = datasets.editTags({ id, pictures: 'all', addFirst: ['sks'] })
  expect(words().map(([caption]) => caption)).toEqual(['sks, mine', 'sks, drawn', 'sks, new'])
  expect(datasets.putWordsBack(id, before)).toBe(3)
  expect(words()).toEqual([
    ['mine', 'hand'],
    ['drawn', 'prompt'],
    ['new', 'file'],
  ])
  expect(datasets.get(id)).toMatchObject({ pictures: 3, captioned: 3, refused: 0, isComplete: false })
})

test('a plan names each picture by everything that its pixels depend on', () => {
  const { datasets, id } = filled([
    look('dogs/b.png'),
    look('cats/a.png', { width: 1000, height: 400 }),
    look('broken.png', { problem: { code: 'PICTURE_DAMAGED', message: 'x' } }),
    look('left.png'),
  ])
  const left = datasets.pictures(id).find(({ path }) => path === 'left.png')
  datasets.change({ id, pictures: [left?.number ?? 0], isLeftOut: true })
  const plan = (step: number, foldersAreClasses = false) =>
    planTraining(datasets.get(id), datasets.pictures(id), { resolution: 128, step, foldersAreClasses })
  const { pictures } = plan(8)
  expect(pictures.map(({ path }) => path)).toEqual(['/pictures/cats/cats/a.png', '/pictures/cats/dogs/b.png'])
  expect(pictures[0].size.width * pictures[0].size.height).toBeLessThanOrEqual(128 * 128)
  expect(plan(8).pictures).toEqual(pictures)
  expect(plan(64).pictures[0].contentHash).not.toBe(pictures[0].contentHash)
  expect(new Set(pictures.map(({ contentHash }) => contentHash)).size).toBe(2)
  const labelled = plan(8, true)
  expect([labelled.classes, labelled.pictures.map(({ label }) => label)]).toEqual([
    ['cats', 'dogs'],
    [0, 1],
  ])
})

test('a chosen part is kept and learned from, until the picture is another; one outside of it is refused', async () => {
  const { datasets, id } = filled([look('a.png'), look('b.png')])
  const [a, b] = datasets.pictures(id).map(({ number }) => number)
  const crop = { left: 320, top: 0, right: 640, bottom: 320 }
  const plan = () => planTraining(datasets.get(id), datasets.pictures(id), { resolution: 128, step: 8 }).pictures
  const [before] = plan()
  datasets.change({ id, pictures: [a], crop })
  const [after, other] = plan()
  expect(after).toMatchObject({ box: crop, size: { width: 128, height: 128 } })
  expect(after.contentHash).not.toBe(before.contentHash)
  expect(other.box).toEqual(before.box)
  datasets.record(id, [look('a.png', { fingerprint: '2' })], false)
  expect(plan()[0].box).toEqual(crop)
  datasets.change({ id, pictures: [a], crop: null })
  expect(plan()[0]).toEqual(before)
  datasets.change({ id, pictures: [a, b], crop })
  datasets.record(id, [look('a.png', { width: 100, height: 100 })], false)
  expect(datasets.pictures(id).map(each => each.crop)).toEqual([undefined, crop])
  for (const outside of [
    { ...crop, left: -1 },
    { ...crop, bottom: 481 },
    { ...crop, left: 639.5 },
  ])
    expect(await problemCode(() => datasets.change({ id, pictures: [b], crop: outside }))).toBe('CROP_OUTSIDE')
  expect(datasets.pictures(id)[1].crop).toEqual(crop)
})

test('pages of pictures, by what is asked for', () => {
  const copy = { perceptualHash: '00ff00ff00ff00ff202020' }
  const { datasets, id } = filled([
    look('a.png', copy),
    look('b.png', { caption: 'words' }),
    look('c.png', copy),
    look('d.png', { problem: { code: 'PICTURE_DAMAGED', message: 'x' } }),
  ])
  const paths = (query: object) =>
    listPictures(datasets, { id, ...query }, new DuplicateFinder()).pictures.map(({ path }) => path)
  expect(paths({ offset: 1, limit: 2 })).toEqual(['b.png', 'c.png'])
  expect(paths({ show: 'refused' })).toEqual(['d.png'])
  expect(paths({ show: 'duplicates' })).toEqual(['a.png', 'c.png'])
  expect(paths({ show: 'without words' })).toEqual(['a.png', 'c.png'])
  const [first] = listPictures(datasets, { id }, new DuplicateFinder()).pictures
  expect(first).toMatchObject({ bucket: { width: 576, height: 448, enlargement: expect.closeTo(0.9333, 3) } })
  expect(first.duplicates).toHaveLength(1)
})

test('what is unknown or empty is refused', async () => {
  const { datasets, id } = filled([])
  expect(await problemCode(() => datasets.get('no'))).toBe('DATASET_UNKNOWN')
  expect(await problemCode(() => datasets.change({ id: 'no', pictures: 'all', caption: '' }))).toBe('DATASET_UNKNOWN')
  expect(await problemCode(() => planTraining(datasets.get(id), [], { resolution: 64, step: 8 }))).toBe('DATASET_EMPTY')
  expect(datasets.remove([id, 'no'])).toEqual([id])
})
