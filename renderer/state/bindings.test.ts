import { expect, test } from 'vitest'
import { bound, changeable, holdersOf, keysOf, unbound } from './bindings.ts'
import { commands } from './commands.ts'

const command = (id: string) => {
  const found = commands.find(each => each.id === id)
  if (found === undefined) throw new Error(`there is no command ${id}`)
  return found
}

test('a command has its own keys until others are chosen', () => {
  const fit = command('fit')
  expect(keysOf(fit, {})).toEqual(fit.keys)
  expect(keysOf(fit, bound(fit, 'Ctrl+J', {}))).toEqual(['Ctrl+J'])
  expect(keysOf(fit, bound(fit, undefined, {}))).toEqual([])
})

test('a key that is taken is named with what has it, in rooms that meet', () => {
  expect(holdersOf('B', command('fit'), {}).map(({ title }) => title)).toEqual([command('tool-brush').title])
  expect(holdersOf('Escape', command('fit'), {})).toEqual([{ title: command('escape').title }])
  expect(holdersOf('S', command('preferences'), {})).toEqual([{ title: 'Star' }])
  expect(holdersOf('Ctrl+Alt+9', command('fit'), {})).toEqual([])
  expect(holdersOf('Ctrl+K', command('palette'), {})).toEqual([])
})

test('taking a key leaves the other command with its others, and no two share one', () => {
  const bindings = bound(command('fit'), 'Ctrl+Y', {})
  expect(keysOf(command('redo'), bindings)).toEqual(['Ctrl+Shift+Z'])
  const taken = changeable.flatMap(each => keysOf(each, bindings))
  expect(taken.filter(key => key === 'Ctrl+Y')).toHaveLength(1)
})

test('a reset gives the own keys back, also from who has them now', () => {
  const swapped = bound(command('tool-eraser'), 'B', bound(command('tool-brush'), 'Ctrl+Alt+8', {}))
  const reset = unbound(command('tool-brush'), swapped)
  expect(keysOf(command('tool-brush'), reset)).toEqual(['B'])
  expect(keysOf(command('tool-eraser'), reset)).toEqual([])
  expect(unbound(command('tool-eraser'), reset)).toEqual({})
})

test('what is its own again is not kept', () => {
  expect(bound(command('undo'), 'Ctrl+Z', { undo: ['Ctrl+Alt+1'] })).toEqual({})
})
