import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectTo, standIn } from '../testing/stand-in.ts'
import { setLine } from './engine.ts'
import { openShelf, refreshGallery, toggleToken, useGallery } from './gallery.ts'
import { board, makeBoard, rate, removeBoard, tag } from './marking.ts'
import { readShelves, useShelves } from './shelves.ts'

const said: { line: string; undo?: () => void }[] = []
vi.mock('./toasts.ts', () => ({
  say: (line: string, action?: { run: () => void }) => said.push({ line, ...(action && { undo: action.run }) }),
  sayFailure: (error: unknown) => said.push({ line: String(error) }),
}))
const lastSaid = () => said.at(-1)
const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 })

let line: ReturnType<typeof connectTo>
beforeEach(async () => {
  said.length = 0
  line = connectTo(standIn({ pictures: [{ hash: 'h', prompt: 'p' }], library: 3, pace: 1 }).router)
  setLine(line.api)
  await refreshGallery()
})
afterEach(() => {
  line.close()
  setLine(undefined)
  useGallery.setState(useGallery.getInitialState(), true)
  useShelves.setState(useShelves.getInitialState(), true)
})

const ratings = () => useGallery.getState().images.map(({ rating }) => rating)
const tags = () => useGallery.getState().images.map(each => each.tags?.join())
const ids = () => useGallery.getState().images.map(({ id }) => id)

test('pictures are rated at once and counted; undo gives each its own rating back', async () => {
  const [first = '', second = ''] = ids()
  await rate([first], 2)
  expect(said).toEqual([])
  await rate([first, second], 5)
  expect(ratings()).toEqual([5, 5, undefined])
  expect(useShelves.getState().facets?.ratings).toEqual([{ rating: 5, images: 2 }])
  expect(lastSaid()?.line).toBe('2 pictures rated 5.')
  lastSaid()?.undo?.()
  await until(() => expect(useShelves.getState().facets?.ratings).toEqual([{ rating: 2, images: 1 }]))
  expect(ratings()).toEqual([2, undefined, undefined])
})

test('a tag is put on those that have it not; undo leaves the others alone', async () => {
  const [first = '', second = ''] = ids()
  await tag([first], 'Night', true)
  await tag([first, second], ' night ', true)
  expect(lastSaid()?.line).toBe('“night” is on 1 picture.')
  expect(tags()).toEqual(['Night', 'night', undefined])
  lastSaid()?.undo?.()
  await until(() => expect(tags()).toEqual(['Night', undefined, undefined]))
  const count = said.length
  await tag([second], 'night', false)
  await tag([second], '  ', true)
  expect(said).toHaveLength(count)
})

test('pictures go on a board and come off it; a board that was removed comes back with its pictures', async () => {
  await makeBoard('Wall')
  const id = useShelves.getState().boards[0]?.id ?? ''
  await board(id, ids().slice(0, 2), true)
  expect(lastSaid()?.line).toBe('2 pictures put on Wall.')
  expect(useShelves.getState().boards[0]?.images).toBe(2)
  lastSaid()?.undo?.()
  await until(() => expect(useShelves.getState().boards[0]?.images).toBe(0))
  await board(id, ids(), true)
  await board(id, ids(), true)
  expect(lastSaid()).toEqual({ line: 'Wall holds these already.' })
  openShelf('all', id)
  await removeBoard(id)
  expect(useGallery.getState().board).toBeUndefined()
  await until(() => expect(useShelves.getState().boards).toEqual([]))
  lastSaid()?.undo?.()
  await until(() => expect(useShelves.getState().boards[0]).toMatchObject({ name: 'Wall', images: 3 }))
})

test('a facet comes into the search and goes; another of its kind takes its place, unless both are wanted', async () => {
  const tokens = () => useGallery.getState().tokens
  toggleToken('tag:night')
  toggleToken('rating:3')
  toggleToken('tag:"to print"')
  expect(tokens()).toEqual(['rating:3', 'tag:"to print"'])
  toggleToken('tag:night', true)
  expect(tokens()).toEqual(['rating:3', 'tag:"to print"', 'tag:night'])
  toggleToken('rating:3')
  expect(tokens()).toEqual(['tag:"to print"', 'tag:night'])
  await readShelves()
})
