import { expect, test } from 'vitest'
import { applyEdit, type Change, newLayer, type StudioDocument } from '../../../app/api/documents.ts'
import { croppedDocument, scaledDocument, widenedDocument } from './document-size.ts'

const figure = Array.from({ length: 18 }, (_, k) => (k === 1 ? null : { x: 10 + k, y: 20 }))
const document: StudioDocument = {
  ...{ id: 'd', name: 'd', width: 400, height: 300 },
  frame: { x: 10, y: -20, width: 128, height: 64 },
  layers: [
    newLayer({ kind: 'group', name: 'g', id: 'g' }),
    newLayer({ kind: 'paint', name: 'p', id: 'p', parent: 'g', transform: [0.5, 0, 0, 0.5, 10, 20] }),
    newLayer({ kind: 'mask', name: 'm', id: 'm', settings: { strength: 1, blur: 4, grow: -2 } }),
    newLayer({
      ...{ kind: 'control', name: 'c', id: 'c' },
      settings: { model: '', weight: 1, start: 0, end: 1, figures: [figure] },
    }),
  ],
}
const after = (changes: Change[]) => applyEdit(document, { label: 'Resize', changes })
const layer = (changes: Change[], id: string) => after(changes).layers.find(each => each.id === id)

test('a document is scaled with its frame, its layers, the softness of masks and its figures; groups have no place of their own', () => {
  const changes = scaledDocument(document, { width: 800, height: 600 })
  expect(after(changes)).toMatchObject({ width: 800, height: 600, frame: { x: 20, y: -40, width: 256, height: 128 } })
  expect(layer(changes, 'p')?.transform).toEqual([1, 0, 0, 1, 20, 40])
  expect(layer(changes, 'm')?.settings).toEqual({ strength: 1, blur: 8, grow: -4 })
  expect(layer(changes, 'c')?.settings).toMatchObject({
    figures: [
      [{ x: 20, y: 40 }, null, { x: 24, y: 40 }, ...figure.slice(3).map(joint => joint && { x: joint.x * 2, y: 40 })],
    ],
  })
  expect(layer(changes, 'g')).toEqual(document.layers[0])
})

test.each([
  [{ x: 0, y: 0 }, [10, 20]],
  [{ x: 0.5, y: 1 }, [60, 120]],
  [{ x: 1, y: 0.5 }, [110, 70]],
] as const)('edges move around what stays in its place: %o', (anchor, [x, y]) => {
  const changes = widenedDocument(document, { width: 500, height: 400 }, anchor)
  expect(layer(changes, 'p')?.transform).toEqual([0.5, 0, 0, 0.5, x, y])
  expect(after(changes).frame).toEqual({ x: x, y: y - 40, width: 128, height: 64 })
  expect(layer(changes, 'm')?.settings).toEqual(document.layers[2]?.settings)
})

test('what is cropped takes figures along', () => {
  const changes = croppedDocument(document, { x: 5, y: 6, width: 100, height: 90 })
  expect(after(changes)).toMatchObject({ width: 100, height: 90, frame: { x: 5, y: -26 } })
  expect(layer(changes, 'c')?.settings).toMatchObject({
    figures: [[{ x: 5, y: 14 }, ...figure.slice(1).map(joint => joint && { x: joint.x - 5, y: 14 })]],
  })
})

test('bodies go with their document: places are moved, lengths scaled', () => {
  const scene = {
    eye: { x: 4, y: 2, distance: 10 },
    far: 6,
    bodies: [{ shape: 'box' as const, at: [1, 2, 3] as const, size: [4, 5, 6] as const, turn: [7, 8, 9] as const }],
  }
  const settings = { model: '', weight: 1, start: 0, end: 1, scene }
  const layer = newLayer({ kind: 'control', name: 'Depth', settings })
  const sized = { width: 10, height: 10, frame: { x: 0, y: 0, width: 10, height: 10 }, layers: [layer] }
  const sceneAfter = (changes: ReturnType<typeof scaledDocument>) =>
    changes.flatMap(change => (change.type === 'set-layer' && change.fields.settings ? [change.fields.settings] : []))
  expect(sceneAfter(scaledDocument(sized, { width: 20, height: 20 }))).toEqual([
    {
      ...settings,
      scene: {
        eye: { x: 8, y: 4, distance: 20 },
        far: 12,
        bodies: [{ shape: 'box', at: [2, 4, 6], size: [8, 10, 12], turn: [7, 8, 9] }],
      },
    },
  ])
  expect(sceneAfter(croppedDocument(sized, { x: 1, y: 2, width: 5, height: 5 }))).toMatchObject([
    { scene: { eye: { x: 3, y: 0, distance: 10 }, far: 6, bodies: [{ at: [0, 0, 3], size: [4, 5, 6] }] } },
  ])
})
