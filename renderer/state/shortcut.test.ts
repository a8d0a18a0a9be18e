import { expect, test } from 'vitest'
import { commands } from './commands.ts'
import { keyName, pressed } from './shortcut.ts'

const press = (key: string, code: string, held = '') => ({
  key,
  code,
  ctrlKey: held.includes('c'),
  metaKey: held.includes('m'),
  altKey: held.includes('a'),
  shiftKey: held.includes('s'),
})

const presses: readonly [ReturnType<typeof press>, boolean, string][] = [
  [press('Enter', 'Enter', 'c'), false, 'Ctrl+Enter'],
  [press('Enter', 'Enter', 'm'), true, 'Ctrl+Enter'],
  [press('Enter', 'Enter', 'c'), true, 'Enter'],
  [press('!', 'Digit1', 's'), false, 'Shift+1'],
  [press('&', 'Digit1'), false, '1'],
  [press('C', 'KeyC', 'cs'), false, 'Ctrl+Shift+C'],
  [press('z', 'KeyW', 'c'), false, 'Ctrl+Z'],
  [press('ß', 'KeyS', 'a'), true, 'Alt+S'],
  [press('с', 'KeyC', 'c'), false, 'Ctrl+C'],
  [press('+', 'BracketRight'), false, '+'],
  [press('/', 'Digit7', 's'), false, 'Shift+7'],
  [press('c', 'KeyC'), false, 'C'],
  [press('F6', 'F6', 's'), false, 'Shift+F6'],
]
for (const [event, mac, name] of presses)
  test(`${event.key} (${event.code}${mac ? ', Mac' : ''}) is ${name}`, () => expect(pressed(event, mac)).toBe(name))

test('keys are shown as the system writes them', () => {
  expect(keyName('Ctrl+Enter', false)).toBe('Ctrl ↵')
  expect(keyName('Ctrl+Shift+C', true)).toBe('⌘⇧C')
  expect(keyName('+', false)).toBe('+')
})

test('no two commands of one room share a key', () => {
  const taken = commands.flatMap(({ keys, room, id }) => keys.map(key => ({ key, room, id })))
  const shared = taken.filter(a =>
    taken.some(
      b => a.id !== b.id && a.key === b.key && (a.room === b.room || a.room === undefined || b.room === undefined),
    ),
  )
  expect(shared).toEqual([])
})
