import { expect, test } from 'vitest'
import { addImage, testLibrary } from './testing.ts'

const at = (month: number, day: number) => new Date(2026, month - 1, day, 23, 59).getTime()

test('pictures are counted by rating, model, tag and month, without those in the trash', async () => {
  const library = testLibrary()
  expect(library.facets()).toEqual({
    all: 0,
    starred: 0,
    trash: 0,
    ratings: [],
    models: [],
    tags: [],
    months: [],
    lookedAt: { done: 0, total: 0 },
  })
  const one = await addImage(library, { prompt: 'one' }, at(10, 31))
  const two = await addImage(library, { prompt: 'two', model: { name: 'Inkwash', hash: '' } }, at(11, 1))
  const three = await addImage(library, { prompt: 'three' }, at(11, 30))
  const gone = await addImage(library, { prompt: 'gone' }, at(11, 30))
  library.marks.rate([one.id, gone.id], 5)
  library.marks.rate([two.id], 3)
  library.marks.tag([two.id, three.id, gone.id], { add: ['Night'], remove: [] })
  library.images.star(two.id, true)
  library.images.trash([gone.id])
  expect(library.facets()).toEqual({
    ...{ all: 3, starred: 1, trash: 1 },
    ratings: [
      { rating: 5, images: 1 },
      { rating: 3, images: 2 },
    ],
    models: [
      { name: 'Sticker World', images: 2 },
      { name: 'Inkwash', images: 1 },
    ],
    tags: [{ tag: 'Night', images: 2 }],
    months: [
      { month: '2026-11', images: 2 },
      { month: '2026-10', images: 1 },
    ],
    lookedAt: { done: 0, total: 4 },
  })
})

test('the search finds days, months and what is after and before them', async () => {
  const library = testLibrary()
  for (const [prompt, month, day] of [
    ['halloween', 10, 31],
    ['saints', 11, 1],
    ['andrew', 11, 30],
  ] as const) {
    await addImage(library, { prompt }, at(month, day))
  }
  const found = (search: string) =>
    library.images.list({ search }).images.map(({ recipe }) => String(recipe?.parameters.prompt))
  expect(found('date:2026-11')).toEqual(['andrew', 'saints'])
  expect(found('date:2026-10-31')).toEqual(['halloween'])
  expect(found('after:2026-11-01')).toEqual(['andrew'])
  expect(found('before:2026-11')).toEqual(['halloween'])
  expect(found('after:2026-10 before:2026-11-30')).toEqual(['saints'])
  expect(found('date:soon')).toEqual([])
  expect(found('saints date:2026')).toEqual(['saints'])
})
