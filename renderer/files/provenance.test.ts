import { expect, test } from 'vitest'
import { newLayer } from '../../app/api/documents.ts'
import type { Image } from '../state/api.ts'
import { provenanceOf } from './provenance.ts'
import { psdLayers } from './psd.ts'

const image = (id: string, parents: string[] = []) => ({ id, recipe: { parents } }) as unknown as Image
const images = new Map([image('a'), image('b'), image('c', ['a'])].map(each => [each.id, each]))
const from = (source: string | null, isVisible = true) =>
  newLayer({ kind: 'image', name: '', settings: { source }, isVisible })

test('a file says that a model made it only where nothing else is in it', () => {
  expect(provenanceOf([from('a'), from('b')], images)).toEqual({ origin: 'made', image: images.get('b') })
  expect(provenanceOf([from('a'), from('c')], images).origin).toBe('changed')
  expect(provenanceOf([from(null), from('a')], images).origin).toBe('changed')
  expect(provenanceOf([from('a'), newLayer({ kind: 'paint', name: '' })], images).origin).toBe('changed')
  expect(provenanceOf([from('a'), newLayer({ kind: 'mask', name: '' })], images).origin).toBe('made')
  expect(provenanceOf([from(null), from('a', false)], images)).toEqual({})
  expect(provenanceOf([from('gone')], images)).toEqual({})
})

test('layers of a Photoshop file stand in their groups; what steers is hidden', () => {
  const group = newLayer({ kind: 'group', name: 'G', opacity: 0.5, blend: 'color-dodge' })
  const inside = newLayer({ kind: 'paint', name: 'in', parent: group.id, isVisible: false })
  const mask = newLayer({ kind: 'mask', name: 'Mask' })
  const pixels = { left: -3, top: 2, pixels: { width: 1, height: 1, data: new Uint8ClampedArray(4) } }
  const made = psdLayers([group, inside, mask], id => (id === inside.id ? pixels : undefined))
  expect(made).toMatchObject([
    {
      ...{ name: 'G', opacity: 0.5, blendMode: 'color dodge', hidden: false },
      children: [{ name: 'in', hidden: true, left: -3, top: 2, imageData: pixels.pixels }],
    },
    { name: 'Mask', hidden: true },
  ])
})
