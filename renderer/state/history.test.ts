import { beforeEach, expect, test } from 'vitest'
import { asOneStep, keepsSteps, nextRedo, nextUndo, note, type Part, redo, undo, useHistory } from './history.ts'

const done: string[] = []
let known = { canUndo: false, canRedo: false }
const steps = (part: Part) => ({
  canUndo: () => known.canUndo,
  canRedo: () => known.canRedo,
  undo: () => void done.push(`undo ${part}`),
  redo: () => void done.push(`redo ${part}`),
})

beforeEach(() => {
  done.length = 0
  known = { canUndo: false, canRedo: false }
  useHistory.setState({ past: [], future: [] })
  keepsSteps('draft', steps('draft'))
  keepsSteps('document', steps('document'))
})

test('steps are taken back in the order in which they were made, whoever made them', () => {
  note('draft')
  note('document')
  undo()
  undo()
  redo()
  expect(done).toEqual(['undo document', 'undo draft', 'redo draft'])
  expect(nextRedo()).toEqual(['document'])
})

test('what belongs together is one step', () => {
  asOneStep(() => {
    note('draft')
    note('document')
    note('document')
  })
  undo()
  expect(done).toEqual(['undo draft', 'undo document'])
  expect(nextUndo()).toEqual([])
})

test('a new step ends what could be done again', () => {
  note('draft')
  undo()
  note('document')
  redo()
  expect(done).toEqual(['undo draft'])
})

test('what a document remembers from before can be undone too', () => {
  known = { canUndo: true, canRedo: false }
  undo()
  expect(done).toEqual(['undo document'])
  undo()
  redo()
  expect(done).toEqual(['undo document', 'undo document', 'redo document'])
})
