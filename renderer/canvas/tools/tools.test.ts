import { expect, test } from 'vitest'
import { coverageAt, ofPolygon } from '../painting/coverage.ts'
import { brush } from './brush.ts'
import { frame, gripAt } from './frame.ts'
import { hand } from './hand.ts'
import { tools } from './index.ts'
import { lasso } from './lasso.ts'
import { maskBrush } from './mask-brush.ts'
import { move } from './move.ts'
import { nextSize } from './painting.ts'
import { select } from './select.ts'
import { shape } from './shape.ts'
import type { Effect, HandEvent, Happening, Surroundings, Tool } from './tool.ts'
import { zoom } from './zoom.ts'

const around: Surroundings = {
  values: { size: 20, softness: 50, mode: 'add', shape: 'rectangle' },
  scale: 2,
  frame: { x: 0, y: 0, width: 128, height: 128 },
  paper: { x: 0, y: 0, width: 256, height: 256 },
  multiple: 8,
  last: { x: 5, y: 5 },
}

/** Plays happenings like "down 3,4 shift" (document pixels; two CSS pixels each) and gathers what the tool asks for. */
function drive(tool: Tool, said: readonly string[], changed: Partial<Surroundings> = {}) {
  const machine = tool.start()
  const effects: Effect[] = []
  for (const line of said) {
    const [happening = '', place = '0,0', ...held] = line.split(' ')
    const [x = 0, y = 0] = place.split(',').map(Number)
    const event: HandEvent = {
      point: { x, y },
      screen: { x: 2 * x, y: 2 * y },
      pressure: 1,
      shift: held.includes('shift'),
      alt: held.includes('alt'),
      ctrl: held.includes('ctrl'),
    }
    effects.push(...machine.send(happening as Happening, event, { ...around, ...changed }))
  }
  return { state: machine.state(), effects: effects.filter(({ type }) => type !== 'draft'), all: effects }
}

test('no two tools share a name or a key, and options have values that fit', () => {
  expect(new Set(tools.map(({ id }) => id)).size).toBe(tools.length)
  expect(new Set(tools.map(({ shortcut }) => shortcut)).size).toBe(tools.length)
  for (const { options } of tools) {
    for (const option of options) {
      if (option.kind === 'number') expect(option.value >= option.minimum && option.value <= option.maximum).toBe(true)
      else expect(option.choices.map(({ value }) => value)).toContain(option.value)
    }
  }
})

test('every tool is idle again after a press that is taken back, and then asks for nothing', () => {
  for (const tool of tools) {
    const { state } = drive(tool, ['down 20,20', 'move 30,40', 'cancel', 'up 30,40'])
    expect([tool.id, state]).toEqual([tool.id, 'idle'])
    expect(drive(tool, ['move 3,3', 'up 3,3']).effects).toEqual([])
  }
})

test('the hand moves the canvas by what it moved on the screen', () => {
  expect(drive(hand, ['down 0,0', 'move 5,0', 'move 5,2', 'up 5,2']).effects).toEqual([
    { type: 'pan', dx: 10, dy: 0 },
    { type: 'pan', dx: 0, dy: 4 },
  ])
})

test('a stroke begins at once and ends with the press', () => {
  const { effects } = drive(brush, ['down 1,1', 'move 2,2', 'up 2,2', 'move 9,9'])
  expect(effects.map(({ type }) => type)).toEqual(['stroke-begin', 'stroke', 'stroke-end'])
  expect(drive(brush, ['down 1,1', 'cancel']).effects.at(-1)).toEqual({ type: 'stroke-cancel' })
})

test('Shift and a click draw a straight line from where the last stroke ended', () => {
  const [begin, line] = drive(brush, ['down 40,5 shift']).effects
  expect(begin).toMatchObject({ type: 'stroke-begin', sample: { x: 5, y: 5 } })
  expect(line).toMatchObject({ type: 'stroke', sample: { x: 40, y: 5 } })
  expect(drive(brush, ['down 40,5 shift'], { last: undefined }).effects).toHaveLength(1)
})

test('Alt and a drag set size and softness, Alt and a click pick a colour or take away from the mask', () => {
  const sized = drive(brush, ['down 10,10 alt', 'move 20,5 alt', 'up 20,5 alt']).effects
  expect(sized).toEqual([
    { type: 'set', name: 'size', value: 40 },
    { type: 'set', name: 'softness', value: 55 },
  ])
  expect(drive(brush, ['down 10,10 alt', 'up 10,10 alt']).effects).toEqual([{ type: 'pick', at: { x: 10, y: 10 } }])
  expect(drive(maskBrush, ['down 10,10 alt', 'up 10,10 alt']).effects[0]).toMatchObject({
    type: 'stroke-begin',
    erases: true,
  })
  expect(drive(brush, ['down 10,10 alt', 'move 20,5 alt', 'cancel']).effects.slice(-2)).toEqual([
    { type: 'set', name: 'size', value: 20 },
    { type: 'set', name: 'softness', value: 50 },
  ])
})

test('the mask brush adds or takes away as it is set', () => {
  const remove = { values: { ...around.values, mode: 'remove' } }
  expect(drive(maskBrush, ['down 1,1']).effects[0]).toMatchObject({ kind: 'mask', erases: false })
  expect(drive(maskBrush, ['down 1,1'], remove).effects[0]).toMatchObject({ kind: 'mask', erases: true })
})

test('sizes step by a tenth, at least by a pixel', () => {
  expect([1, 5, 100].map(size => nextSize(size, 1))).toEqual([2, 6, 110])
  expect([1, 5, 100, 2000].map(size => nextSize(size, -1))).toEqual([1, 4, 90, 1800])
})

const outlineOf = (effects: readonly Effect[]) => effects.flatMap(effect => (effect.type === 'select' ? [effect] : []))

test('a selection is even with Shift, goes out from the middle with Alt, and adds when Shift was held at the press', () => {
  const box = (said: readonly string[]) => {
    const [found] = outlineOf(drive(select, said).effects)
    const [first, , third] = found?.outline ?? []
    return [found?.how, first?.x, first?.y, third?.x, third?.y]
  }
  expect(box(['down 10,10', 'move 20,20', 'up 40,20'])).toEqual(['replace', 10, 10, 40, 20])
  expect(box(['down 10,10', 'move 20,20', 'up 40,20 shift'])).toEqual(['replace', 10, 10, 40, 40])
  expect(box(['down 30,30', 'move 20,20', 'up 40,35 alt'])).toEqual(['replace', 20, 25, 40, 35])
  expect(box(['down 10,10 shift', 'move 20,20 shift', 'up 40,20 shift'])).toEqual(['add', 10, 10, 40, 20])
  expect(drive(select, ['down 10,10', 'up 10,10']).effects).toEqual([{ type: 'select', outline: [], how: 'replace' }])
})

test('a lasso of two points selects nothing; drags and corners select what they go around', () => {
  expect(drive(lasso, ['down 0,0', 'move 9,0', 'up 9,0']).effects).toEqual([])
  const drawn = outlineOf(drive(lasso, ['down 0,0', 'move 20,0', 'move 20,20', 'move 0,20', 'up 0,20']).effects)
  expect(coverageAt(ofPolygon(drawn[0]?.outline ?? []), 10, 10)).toBe(255)
  const clicks = ['down 0,0', 'up 0,0', 'down 20,0', 'up 20,0', 'down 20,20', 'up 20,20']
  expect(drive(lasso, clicks).state).toBe('corners')
  for (const end of ['double 20,20', 'confirm']) {
    const { state, effects } = drive(lasso, [...clicks, end])
    expect([state, outlineOf(effects)[0]?.outline.length]).toEqual(['idle', 3])
  }
})

test('what of the frame is under the hand', () => {
  const box = { x: 0, y: 0, width: 100, height: 100 }
  expect(gripAt(box, { x: 1, y: 99 }, 1)).toEqual({ across: -1, down: 1 })
  expect(gripAt(box, { x: 50, y: 50 }, 1)).toEqual({ across: 0, down: 0 })
  expect(gripAt(box, { x: 104, y: 50 }, 1)).toEqual({ across: 1, down: 0 })
  expect(gripAt(box, { x: 140, y: 50 }, 1)).toBeUndefined()
})

const frameOf = (said: readonly string[], changed?: Partial<Surroundings>) => {
  const last = drive(frame, said, changed).effects.at(-1)
  return last?.type === 'frame'
    ? [last.frame.x, last.frame.y, last.frame.width, last.frame.height, last.isDone]
    : undefined
}

test('the frame moves, and snaps to the edges of the picture unless Ctrl is held', () => {
  expect(frameOf(['down 64,64', 'move 80,70', 'up 80,70'])).toEqual([16, 6, 128, 128, true])
  expect(frameOf(['down 64,64', 'up 190,64'])).toEqual([128, 0, 128, 128, true])
  expect(frameOf(['down 64,64', 'up 190,64 ctrl'])).toEqual([126, 0, 128, 128, true])
})

test('the frame is resized in multiples of the model, in its proportion at a corner, around its middle with Alt', () => {
  expect(frameOf(['down 128,64', 'move 140,64'])).toEqual([0, 0, 144, 128, false])
  expect(frameOf(['down 0,64', 'up -20,64'])).toEqual([-24, 0, 152, 128, true])
  expect(frameOf(['down 128,128', 'up 158,130'])).toEqual([0, 0, 160, 160, true])
  expect(frameOf(['down 128,128', 'up 158,136 shift'])).toEqual([0, 0, 160, 136, true])
  expect(frameOf(['down 128,64', 'up 136,64 alt'])).toEqual([-8, 0, 144, 128, true])
  expect(frameOf(['down 128,64', 'up -500,64'])).toEqual([0, 0, 8, 128, true])
  expect(frameOf(['down 128,64', 'move 140,64', 'cancel'])).toEqual([0, 0, 128, 128, true])
})

test('a layer moves by whole pixels, along one axis with Shift', () => {
  expect(drive(move, ['down 10,10', 'move 15.4,12', 'up 15.4,12']).effects.at(-1)).toEqual({
    ...{ type: 'move-layer', dx: 5, dy: 2, isDone: true },
  })
  expect(drive(move, ['down 10,10', 'move 30,12 shift']).effects.length).toBe(1)
  expect(drive(move, ['down 10,10', 'move 30,12', 'up 30,12 shift']).effects.at(-1)).toMatchObject({ dx: 20, dy: 0 })
  expect(drive(move, ['down 10,10', 'up 10,10']).effects).toEqual([])
})

test('zooming goes nearer by a click, away with Alt, and to what a drag goes around', () => {
  expect(drive(zoom, ['down 10,10', 'up 10,10']).effects).toEqual([{ type: 'zoom', factor: 1.5, at: { x: 20, y: 20 } }])
  expect(drive(zoom, ['down 10,10', 'move 20,20', 'up 30,40']).effects).toEqual([
    { type: 'look-at', area: { x: 10, y: 10, width: 20, height: 30 } },
  ])
})

const boxed = (values: Record<string, string>) => ({ values })

test('a drag draws a shape and says so when it is done; a click chooses the one that is there', () => {
  expect(drive(shape, ['down 10,10', 'move 40,30', 'up 50,30']).effects.at(-1)).toEqual({
    type: 'shape',
    points: [
      { x: 10, y: 10 },
      { x: 50, y: 30 },
    ],
    isDone: true,
  })
  expect(drive(shape, ['down 10,10', 'move 40,30', 'up 20,40 shift']).effects.at(-1)).toMatchObject({
    points: [
      { x: 10, y: 10 },
      { x: 40, y: 40 },
    ],
  })
  expect(drive(shape, ['down 10,10', 'up 10,10']).effects).toEqual([{ type: 'choose-shape', at: { x: 10, y: 10 } }])
  expect(drive(shape, ['down 10,10', 'move 40,30', 'cancel']).effects.at(-1)).toEqual({
    ...{ type: 'shape', points: [], isDone: false },
  })
})

test('a polygon is set corner by corner; with fewer than three it is none', () => {
  const polygon = boxed({ shape: 'polygon' })
  const clicks = ['down 1,1', 'up 1,1', 'down 50,1', 'up 50,1', 'down 50,50', 'up 50,50', 'confirm']
  expect(drive(shape, clicks, polygon).effects.at(-1)).toMatchObject({
    isDone: true,
    points: [
      { x: 1, y: 1 },
      { x: 50, y: 1 },
      { x: 50, y: 50 },
    ],
  })
  expect(drive(shape, ['down 1,1', 'up 1,1', 'confirm'], polygon).effects.at(-1)).toMatchObject({ points: [] })
})

test('a corner of the chosen shape is moved, and goes back when that is taken back', () => {
  const corners = [
    { x: 0, y: 0 },
    { x: 30, y: 20 },
  ]
  expect(drive(shape, ['down 31,21', 'move 40,40', 'up 41,40'], { corners }).effects).toEqual([
    { type: 'reshape', corner: 1, at: { x: 40, y: 40 }, isDone: false },
    { type: 'reshape', corner: 1, at: { x: 41, y: 40 }, isDone: true },
  ])
  expect(drive(shape, ['down 31,21', 'move 40,40', 'cancel'], { corners }).effects.at(-1)).toMatchObject({ corner: -1 })
})
