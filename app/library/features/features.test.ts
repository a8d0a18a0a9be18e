import { expect, test } from 'vitest'
import { labOf } from '../../tensor/oklab.ts'
import { addImage, testLibrary } from '../testing.ts'
import { FeatureIndex, mostFound } from './feature-index.ts'
import { findImages } from './find-images.ts'

/** Numbers that are easily made again: fractions of squares. */
const numbers = (length: number, from: number) =>
  Float32Array.from({ length }, (_, k) => ((((from * length + k) * 7919) % 65521) ** 2 % 65521) / 65521 - 0.5)
const unit = (row: Float32Array) => {
  const length = Math.hypot(...row)
  return row.map(value => value / length)
}
const black = { colour: labOf(0, 0, 0), share: 0.9 }
const red = (share: number) => ({ colour: labOf(217, 54, 54), share })

test('the nearest by likeness are those that comparing one by one finds', async () => {
  const index = new FeatureIndex()
  const rows = Array.from({ length: 9000 }, (_, k) => unit(numbers(17, k)))
  for (const [k, row] of rows.entries()) index.put(`p${k}`, new Float32Array(0), row)
  const distances = rows.map(row => 1 - row.reduce((sum, value, k) => sum + value * rows[7][k], 0))
  const expected = distances.map((_, k) => k).toSorted((a, b) => distances[a] - distances[b])
  const found = await index.like(rows[7])
  expect(found.length).toBe(mostFound)
  expect(found.slice(0, 200).map(({ hash }) => hash)).toEqual(expected.slice(0, 200).map(k => `p${k}`))
  const among = new Set(['p3', 'p8999', 'p7'])
  expect((await index.like(rows[7], among)).every(({ hash }) => among.has(hash))).toBe(true)
})

test('pictures wait to be looked at, and are found by what was seen', async () => {
  const library = testLibrary()
  const { features, images } = library
  const [much, little, none, broken] = await Promise.all(
    ['much', 'little', 'none', 'broken'].map(prompt => addImage(library, { prompt })),
  )
  expect(features.lookedAt).toEqual({ done: 0, total: 4 })
  expect(features.waiting(10).length).toBe(4)
  features.keep(much.hash, 'eye', { colours: [red(0.8)], embedding: Float32Array.of(1, 0) })
  features.keep(little.hash, 'eye', { colours: [black, red(0.1)], embedding: Float32Array.of(0.8, 0.6) })
  features.keep(none.hash, 'eye', { colours: [black], embedding: Float32Array.of(0, 1) })
  features.keep(broken.hash, 'eye', undefined)
  expect(features.lookedAt).toEqual({ done: 4, total: 4 })
  const prompts = async (search: string) =>
    (await findImages(images, features, { search })).images.map(({ recipe }) => recipe?.parameters.prompt)
  expect(await prompts('colour:#d93636')).toEqual(['much', 'little'])
  expect(await prompts(`similar:${much.id}`)).toEqual(['much', 'little'])
  expect(await prompts('colour:#d93636 little')).toEqual(['little'])
  expect(await prompts(`similar:${broken.id}`)).toEqual([])
  expect(await prompts('colour:red')).toEqual([])
  images.trash([much.id])
  expect(await prompts('colour:#d93636')).toEqual(['little'])

  // What comes later is found by the index that is in memory already.
  const later = await addImage(library, { prompt: 'later' })
  features.keep(later.hash, 'eye', { colours: [red(1)], embedding: Float32Array.of(0.9, 0.1) })
  expect(await prompts('colour:#d93636')).toEqual(['later', 'little'])

  features.seenOnlyBy('another')
  expect(features.waiting(10).length).toBe(5)
  expect(await prompts(`similar:${little.id}`)).toEqual([])
})

test('a ranking is read page by page, with its total on the first', async () => {
  const library = testLibrary()
  for (let k = 0; k < 5; k++) {
    const { hash } = await addImage(library, { prompt: `${k}` })
    library.features.keep(hash, 'eye', { colours: [red(1 - k / 10)] })
  }
  const query = { search: 'colour:#d93636', limit: 2 }
  const pages = [await findImages(library.images, library.features, query)]
  for (let { next } = pages[0]; next !== undefined; { next } = pages[pages.length - 1]) {
    pages.push(await findImages(library.images, library.features, { ...query, cursor: next }))
  }
  expect(pages.map(({ total }) => total)).toEqual([5, undefined, undefined])
  expect(pages.flatMap(({ images }) => images.map(({ recipe }) => recipe?.parameters.prompt))).toEqual([
    ...['0', '1', '2', '3', '4'],
  ])
})

test('a picture that is gone for good takes with it what was seen of it', async () => {
  const library = testLibrary()
  const { id, hash } = await addImage(library)
  library.features.keep(hash, 'eye', { colours: [black] })
  library.images.trash([id])
  await library.images.emptyTrash()
  expect(library.features.lookedAt).toEqual({ done: 0, total: 0 })
})
