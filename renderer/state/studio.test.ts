import { beforeEach, expect, test } from 'vitest'
import type { Image } from './api.ts'
import { emptyDraft } from './draft.ts'
import { redo, undo } from './history.ts'
import {
  accept,
  discard,
  edit,
  edited,
  pairOf,
  redone,
  setValue,
  shownAs,
  staged,
  undone,
  useStudio,
  withoutImages,
} from './studio.ts'

const image = (id: string): Image => ({ id, hash: id, width: 1, height: 1, createdAt: 1, starred: false, index: 0 })
const initial = useStudio.getInitialState()
const empty = { ...initial, draft: emptyDraft, shown: 0, compared: -1 }

beforeEach(() => useStudio.setState(empty, true))

test('changes of one control are one step of undo, of two controls two', () => {
  let state = edited(empty, 'prompt', { prompt: 'a' })
  state = edited(state, 'prompt', { prompt: 'a c' })
  state = edited(state, 'value:steps', { values: { steps: 3 } })
  expect(undone(state).draft).toMatchObject({ prompt: 'a c', values: {} })
  expect(undone(undone(state)).draft).toEqual(emptyDraft)
  expect(undone(undone(undone(state))).draft).toEqual(emptyDraft)
  expect(redone(redone(undone(undone(state)))).draft).toEqual(state.draft)
})

test('a new change after undo forgets what was undone', () => {
  const state = edited(undone(edited(empty, 'prompt', { prompt: 'a' })), 'prompt', { prompt: 'b' })
  expect(redone(state)).toBe(state)
})

test('a value that is given back to the model is no longer set', () => {
  setValue('steps', 3)
  setValue('steps', undefined)
  expect(useStudio.getState().draft.values).toEqual({})
})

test('results of several runs stand in one row, the newest run’s first picture is shown', () => {
  const once = staged(empty, [image('a'), image('b')])
  expect(once).toMatchObject({ shown: 0, compared: 1, watching: false })
  const twice = staged(once, [image('c'), image('b')])
  expect(twice.draft.staged.map(each => each.id)).toEqual(['a', 'b', 'c'])
  expect(twice).toMatchObject({ shown: 2, compared: 0 })
})

test('choosing a result compares it with the one that was shown', () => {
  const state = shownAs(staged(empty, [image('a'), image('b'), image('c')]), 2)
  expect(pairOf(state)).toMatchObject({ picture: { id: 'c' }, other: { id: 'a' } })
  expect(shownAs(state, 7)).toBe(state)
})

test('a single result is compared with the accepted picture, if there is one', () => {
  expect(pairOf(staged(empty, [image('a')])).other).toBeUndefined()
  const withAccepted = { ...empty, draft: { ...emptyDraft, accepted: image('z') } }
  expect(pairOf(staged(withAccepted, [image('a')])).other?.id).toBe('z')
})

test('accepting keeps the shown picture and clears the row; undo brings both back', () => {
  useStudio.setState(state => shownAs(staged(state, [image('a'), image('b')]), 1))
  accept()
  expect(useStudio.getState().draft).toMatchObject({ accepted: { id: 'b' }, staged: [] })
  undo()
  expect(useStudio.getState().draft.accepted).toBeUndefined()
  expect(useStudio.getState().draft.staged).toHaveLength(2)
  redo()
  expect(useStudio.getState().draft.accepted?.id).toBe('b')
})

test('discarding says how many were put away, and is one step of undo', () => {
  useStudio.setState(state => staged(state, [image('a'), image('b')]))
  edit('prompt', { prompt: 'typed before' })
  expect(discard()).toBe(2)
  expect(discard()).toBe(0)
  undo()
  expect(useStudio.getState().draft).toMatchObject({ prompt: 'typed before', staged: [{ id: 'a' }, { id: 'b' }] })
})

test('pictures that are gone leave the row, and the place that is shown stays inside', () => {
  const state = shownAs(staged(empty, [image('a'), image('b')]), 1)
  expect(withoutImages(state, new Set(['b']))).toMatchObject({ shown: 0, draft: { staged: [{ id: 'a' }] } })
  expect(withoutImages(state, new Set(['x']))).toBe(state)
})
