import { beforeEach, expect, test, vi } from 'vitest'
import { type Layer, newLayer } from '../../../app/api/documents.ts'
import { useEngine } from '../../state/engine.ts'
import { failureOf, LayerRefusal } from '../../state/problem.ts'
import { useUi } from '../../state/ui.ts'
import { addition, MODEL, OPERATION } from '../../testing/told.ts'
import { useCanvas } from './canvas-state.ts'
import { controlInQuestion, networkNamed, openControlLayer } from './control-layers.ts'

const kept = vi.hoisted(() => ({ layers: [] as Layer[] }))
vi.mock('./edits.ts', () => ({ keptDocument: () => kept, change: async () => {} }))

const control = (name: string, model: string, fields: Partial<Layer> = {}) =>
  newLayer({ kind: 'control', name, id: name, settings: { model, weight: 1, start: 0, end: 1 }, ...fields })
const network = (name: string, family: string) =>
  addition('controlnet', `/models/${name}.safetensors`, { id: name, family })
const misfit = failureOf({ data: { code: 'CONTROL_MISFIT', message: 'It does not fit.', field: 'controls' } })

beforeEach(() => {
  const others = [network('pose-xl', 'sdxl'), network('pose', 'unknown'), network('edges', 'unknown')]
  useEngine.setState({ models: [MODEL], operations: [OPERATION], others })
  useCanvas.setState({ active: undefined })
  kept.layers = []
})

test('a new layer for poses takes the network that fits the model, not the first of that name', () => {
  expect(networkNamed(/pose/i)).toBe('pose')
  useEngine.setState({ models: [{ ...MODEL, embedded: false, family: 'sd1' }] })
  expect(networkNamed(/pose/i)).toBe('')
})

test('a failure leads to the layer that it names, to one that does not fit, or to the one that is worked on', () => {
  expect(controlInQuestion(misfit)).toBeUndefined()
  const layers = [
    control('a', 'edges'),
    control('b', 'pose-xl'),
    control('c', 'pose'),
    newLayer({ kind: 'paint', name: 'd' }),
  ]
  kept.layers = layers
  expect(controlInQuestion(failureOf(new LayerRefusal('c', 'No.')))).toBe(layers[2])
  expect(controlInQuestion(misfit)).toBe(layers[1])
  kept.layers = [control('a', 'edges'), control('b', 'pose-xl', { isVisible: false }), control('c', 'pose')]
  expect(controlInQuestion(misfit)?.name).toBe('c')
  useCanvas.setState({ active: 'a' })
  const found = controlInQuestion(misfit)
  expect(found?.name).toBe('a')
  if (found !== undefined) openControlLayer({ ...found, id: 'c' })
  expect([useCanvas.getState().active, useUi.getState().panel]).toEqual(['c', 'layers'])
})
