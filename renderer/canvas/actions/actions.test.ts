import { expect, test } from 'vitest'
import { type Layer, newLayer, type StudioDocument } from '../../../app/api/documents.ts'
import { placeIn, rowsOf } from '../../panels/layers/rows.ts'
import { readTools } from '../../state/tools.ts'
import { frameInForce, inForce, previewed } from '../document-in-force.ts'
import { treeOf } from '../raster/layer-tree.ts'
import { workingSize } from './frame.ts'
import { kindWords } from './layers.ts'
import { freeName, refusal, targetOf } from './strokes.ts'

const layer = (kind: Layer['kind'], name: string, fields: Partial<Layer> = {}) =>
  newLayer({ kind, name, id: name, ...fields })
const document: StudioDocument = {
  id: 'd',
  name: 'd',
  width: 400,
  height: 300,
  frame: { x: 10, y: 20, width: 128, height: 128 },
  layers: [],
}

test('a document without layers is as large as the next picture', () => {
  expect(inForce(document, { width: 256, height: 128 })).toMatchObject({
    ...{ width: 256, height: 128, frame: { x: 0, y: 0, width: 256, height: 128 } },
  })
  expect(inForce(document, undefined)).toBe(document)
})

test('the frame stays while it has the proportion of the next picture, and takes its size else', () => {
  const { frame } = document
  expect(frameInForce(frame, { width: 512, height: 512 })).toBe(frame)
  expect(frameInForce({ ...frame, height: 86 }, { width: 384, height: 256 })).toMatchObject({ width: 128, height: 86 })
  expect(frameInForce(frame, { width: 512, height: 256 })).toEqual({ x: 10, y: 20, width: 512, height: 256 })
})

test('what is under the hand is shown before it is in the document', () => {
  const paint = layer('paint', 'Paint 1')
  const pending = { layer: paint, index: 0 }
  const shown = previewed(document, { pending, frame: undefined, preview: { id: 'Paint 1', fields: { opacity: 0.5 } } })
  expect(shown.layers).toEqual([{ ...paint, opacity: 0.5 }])
  const kept = { ...document, layers: [paint] }
  expect(previewed(kept, { pending, frame: undefined, preview: undefined }).layers).toHaveLength(1)
})

test('a small frame is worked at the area of the model’s own pictures, a large one at its own', () => {
  const own = { width: 512, height: 512 }
  expect(workingSize({ width: 128, height: 128 }, own, 8)).toEqual(own)
  expect(workingSize({ width: 200, height: 100 }, own, 8)).toEqual({ width: 728, height: 360 })
  expect(workingSize({ width: 1024, height: 768 }, own, 8)).toEqual({ width: 1024, height: 768 })
})

test('strokes go to the chosen layer where it suits, else to the topmost that does', () => {
  const [picture, paint, mask] = [layer('image', 'Picture'), layer('paint', 'Paint 1'), layer('mask', 'Mask 1')]
  const all = [picture, paint, mask]
  expect(targetOf('brush', all, picture)?.name).toBe('Picture')
  expect(targetOf('brush', all, mask)?.name).toBe('Paint 1')
  expect(targetOf('mask', all, paint)?.name).toBe('Mask 1')
  expect(targetOf('mask', [picture], picture)).toBeUndefined()
  // A picture is not painted on unless it was chosen.
  expect(targetOf('brush', [picture, mask], mask)).toBeUndefined()
  expect(targetOf('brush', [paint, { ...paint, id: 'x', isLocked: true }], mask)?.id).toBe('Paint 1')
})

test('why nothing can be painted on a layer is said', () => {
  expect(refusal(layer('paint', 'Sky', { isLocked: true }))).toContain('“Sky” is locked')
  expect(refusal(layer('paint', 'Sky', { isVisible: false }))).toContain('“Sky” is hidden')
  expect(refusal(layer('paint', 'Sky'))).toBeUndefined()
})

test('new layers have names of their own', () => {
  expect(freeName('Paint', [])).toBe('Paint 1')
  expect(freeName('Paint', [{ name: 'Paint 1' }, { name: 'Paint 3' }])).toBe('Paint 2')
})

test('a row says what a layer is', () => {
  expect(kindWords(layer('paint', 'a', { blend: 'soft-light', opacity: 0.5, isVisible: false }))).toBe(
    'Paint · Soft light · 50 % · hidden',
  )
})

test('the list shows the topmost first, and what a group holds under it', () => {
  const layers = [
    layer('paint', 'ground'),
    layer('group', 'group'),
    layer('paint', 'a', { parent: 'group' }),
    layer('mask', 'm'),
  ]
  expect(rowsOf(treeOf(layers)).map(row => `${row.depth} ${row.layer.name}`)).toEqual([
    '0 m',
    '0 group',
    '1 a',
    '0 ground',
  ])
})

test('a row takes a layer above, below, or into a group', () => {
  expect([0.1, 0.9].map(share => placeIn(share, false))).toEqual(['above', 'below'])
  expect([0.1, 0.5, 0.9].map(share => placeIn(share, true))).toEqual(['above', 'into', 'below'])
})

test('what was kept of the tools is used as far as it fits', () => {
  const text = JSON.stringify({
    colour: '#12ab9f',
    background: 'red',
    values: { brush: { size: 77, pressure: 'wind' }, gone: {} },
  })
  const tools = readTools(text)
  expect(tools.colour).toBe('#12ab9f')
  expect(tools.background).toBeUndefined()
  expect(tools.values?.brush).toMatchObject({ size: 77, pressure: 'size' })
  expect(readTools('{{')).toEqual({})
})
