import { expect, test } from 'vitest'
import { Tag } from './marks.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { Store } from './store.ts'
import { addImage, problemCode, temporaryFolder, testLibrary } from './testing.ts'

/** A library of four pictures, and what a search finds of them. */
async function shelf() {
  const library = testLibrary()
  const ids: string[] = []
  for (const prompt of ['fox', 'apple', 'castle', 'rain'])
    ids.push((await addImage(library, { prompt }, ids.length)).id)
  const found = (search: string, board?: string) =>
    library.images.list({ search, board }).images.map(image => image.recipe?.parameters.prompt)
  return { library, marks: library.marks, boards: library.boards, ids, found }
}

test('pictures are rated, and found by at least so many stars', async () => {
  const { library, marks, ids, found } = await shelf()
  const [fox, apple, castle] = ids
  expect(marks.rate([fox, 'nobody'], 5)).toEqual([fox])
  marks.rate([apple, castle], 3)
  expect(library.images.get(fox).rating).toBe(5)
  expect(found('rating:3')).toEqual(['castle', 'apple', 'fox'])
  expect(found('rating:4')).toEqual(['fox'])
  expect(found('rating:3 apple')).toEqual(['apple'])
  for (const none of ['rating:6', 'rating:0', 'rating:many', 'rating:-1']) expect(found(none), none).toEqual([])
  marks.rate([fox], 0)
  expect(library.images.get(fox)).not.toHaveProperty('rating')
  expect(() => marks.rate([fox], 6)).toThrow('CHECK')
})

test('pictures are tagged, whatever the capitals, and found by whole tags', async () => {
  const { library, marks, ids, found } = await shelf()
  const [fox, apple, castle] = ids
  expect(marks.tag([fox, apple, 'nobody'], { add: ['Night', 'to print'], remove: [] })).toEqual([fox, apple])
  marks.tag([castle], { add: ['night', 'Äpfel', "o'clock %"], remove: [] })
  marks.tag([fox], { add: ['NIGHT', 'animals'], remove: ['TO PRINT'] })
  expect(library.images.get(fox).tags).toEqual(['animals', 'Night'])
  expect(library.images.get(ids[3])).not.toHaveProperty('tags')
  expect(found('tag:night')).toEqual(['castle', 'apple', 'fox'])
  expect(found('tag:night tag:"to print"')).toEqual(['apple'])
  expect(found('tag:nig')).toEqual([])
  expect(found(`tag:"o'clock %"`)).toEqual(['castle'])
  expect(found('tag:%')).toEqual([])
  expect(marks.tags().slice(0, 2)).toEqual([
    { tag: 'Night', images: 3 },
    { tag: 'animals', images: 1 },
  ])
  library.images.trash([castle])
  expect(marks.tags().map(({ tag }) => tag)).toEqual(['Night', 'animals', 'to print'])
})

test('a tag is one line without spaces around it', () => {
  expect(Tag.parse('  to \n print ')).toBe('to print')
  expect(Tag.safeParse(' ').success).toBe(false)
  expect(Tag.safeParse('x'.repeat(101)).success).toBe(false)
})

test('boards hold pictures, which may be on many; they go with the pictures, and never take them along', async () => {
  const { library, boards, ids, found } = await shelf()
  const [fox, apple, castle] = ids
  const { id } = boards.create('For the wall')
  const other = boards.create('a first one').id
  expect(boards.add(id, [fox, apple, fox, 'nobody'])).toMatchObject({
    images: 2,
    cover: library.images.get(apple).hash,
  })
  boards.add(other, [fox, castle])
  expect(boards.list().map(({ name, images }) => [name, images])).toEqual([
    ['a first one', 2],
    ['For the wall', 2],
  ])
  expect(found('', id)).toEqual(['apple', 'fox'])
  expect(found('fox', other)).toEqual(['fox'])
  expect(found('', 'nobody')).toEqual([])
  expect(library.images.list({ board: id, limit: 1 })).toMatchObject({ total: 2, next: expect.any(String) })
  expect(boards.take(other, [castle, apple])).toMatchObject({ images: 1 })
  expect(boards.rename(id, 'Wall')).toMatchObject({ name: 'Wall', images: 2 })
  library.images.trash([apple])
  expect(boards.list().find(board => board.id === id)).toMatchObject({ images: 1, cover: library.images.get(fox).hash })
  await library.images.emptyTrash()
  boards.remove(other)
  expect(found('', id)).toEqual(['fox'])
  expect(found('')).toHaveLength(3)
  for (const unknown of [() => boards.add(other, [fox]), () => boards.rename('x', 'y'), () => boards.remove(other)]) {
    expect(await problemCode(unknown)).toBe('BOARD_UNKNOWN')
  }
})

test('tags, ratings and boards are found by indexes', () => {
  const store = new Store(`${temporaryFolder()}/library.db`)
  migrate(store, migrations)
  const plan = (sql: string) =>
    store
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .map(row => row.detail)
      .join('; ')
  expect(plan("SELECT image FROM imageTags WHERE tag = 'night'")).toContain('imageTags_by_tag')
  expect(plan('SELECT image FROM boardImages WHERE board = 1')).toContain('PRIMARY KEY')
  expect(plan('SELECT tag FROM imageTags WHERE image = 1')).toContain('PRIMARY KEY')
  store.close()
})
