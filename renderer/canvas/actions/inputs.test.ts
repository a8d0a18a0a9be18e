import { beforeEach, expect, test, vi } from 'vitest'
import { emptyScene } from '../../../app/api/bodies.ts'
import { type Layer, newLayer, type SettingsByKind, type StudioDocument } from '../../../app/api/documents.ts'
import { figureIn, postures } from '../../../app/api/pose.ts'
import type { ModelInfo } from '../../state/api.ts'
import { useEngine } from '../../state/engine.ts'
import { failureOf } from '../../state/problem.ts'
import { addition, MODEL, OPERATION } from '../../testing/told.ts'
import { canvasInputs } from './inputs.ts'

const shown = vi.hoisted(() => ({ layers: [] as readonly Layer[] }))
vi.mock('./stage.ts', () => ({
  stageIfOpen: () => ({}),
  documentNow: (): Partial<StudioDocument> => ({
    frame: { x: 0, y: 0, width: 128, height: 128 },
    layers: [...shown.layers],
  }),
}))
// What is drawn of a layer is its name: no pixels are needed to see which layer goes where.
vi.mock('./region.ts', () => {
  const named = async ({ name }: Layer) => new TextEncoder().encode(name)
  return { renderControl: named, renderWholeLayer: named, renderLayerCoverage: named }
})

const keeper = { images: { keep: async ({ file }: { file: Blob }) => ({ hash: await file.text() }) } }
const inputs = () => canvasInputs(keeper, 'create')

const network = (name: string, family: string, kind: ModelInfo['kind'] = 'controlnet') =>
  addition(kind, `/models/${name}.safetensors`, { id: name, family })
const painted = { tiles: { '0,0': 'hash' } }
const control = (name: string, settings: Partial<SettingsByKind['control']>, fields: Partial<Layer> = painted) =>
  newLayer({
    kind: 'control',
    name,
    id: name,
    settings: { model: '', weight: 1, start: 0, end: 1, ...settings },
    ...fields,
  })
const figure = figureIn(postures[0], { x: 64, y: 64 }, 1)
const xl: ModelInfo = { ...MODEL, name: 'Harbour XL', embedded: false, family: 'sdxl' }

/** An operation that takes more than words. */
const taking = (...names: string[]) => ({
  ...OPERATION,
  parameters: { type: 'object', properties: Object.fromEntries(names.map(name => [name, {}])) },
})

beforeEach(() => {
  const others = [network('openpose', 'sd1'), network('openpose-xl', 'sdxl'), network('edges', 'unknown')]
  useEngine.setState({ models: [xl], operations: [taking('controls')], others })
  shown.layers = []
})

/** What a run is refused with. */
const refusal = async () => failureOf(await inputs().catch((error: unknown) => error))

test('a layer goes to the network that is chosen on it, whatever that is', async () => {
  shown.layers = [control('a', { model: 'edges', prepare: 'edges', low: 40, weight: 0.5 })]
  expect(await inputs()).toEqual({
    controls: [
      {
        ...{ model: 'edges', image: 'a', weight: 0.5, start: 0, end: 1, mode: 'balanced' },
        ...{ prepare: 'edges', finder: '', low: 40, resize: 'stretch' },
      },
    ],
  })
})

test('where none is chosen, the one takes it that fits the model and reads what is on the layer', async () => {
  shown.layers = [control('pose', { figures: [figure] }, {})]
  expect(await inputs()).toMatchObject({ controls: [{ model: 'openpose-xl', image: 'pose' }] })
  useEngine.setState({ models: [{ ...xl, family: 'sd1' }] })
  expect(await inputs()).toMatchObject({ controls: [{ model: 'openpose' }] })
})

test('where none is chosen and none fits, the run is refused with what to do, and the layer is named', async () => {
  shown.layers = [control('Control 1', { prepare: 'edges' })]
  expect(await refusal()).toMatchObject({
    ...{ field: 'controls', layer: 'Control 1' },
    message:
      'No ControlNet is chosen on “Control 1”, and none for it fits Harbour XL: add one in Models, or hide that layer.',
  })
  shown.layers = [control('Control 1', {})]
  expect(await refusal()).toMatchObject({
    message: 'No ControlNet is chosen on “Control 1”: choose one in Layers, or hide that layer.',
  })
  shown.layers = [control('Control 1', {}, { ...painted, isVisible: false }), control('Control 2', {}, {})]
  expect(await inputs()).toEqual({})
})

test('a skeleton without figures and a scene without bodies are refused, whether or not a network is chosen', async () => {
  shown.layers = [control('Pose 1', { figures: [] }, {})]
  expect(await refusal()).toMatchObject({
    ...{ layer: 'Pose 1', message: 'There is no figure on "Pose 1": place one, or hide that layer.' },
  })
  const scene = emptyScene({ x: 0, y: 0, width: 128, height: 128 })
  shown.layers = [control('Depth 1', { model: 'edges', scene }, {})]
  expect((await refusal()).message).toBe('There is no body on "Depth 1": place one, or hide that layer.')
})

test('a model that reads the layer itself needs no ControlNet', async () => {
  useEngine.setState({ operations: [taking('depth', 'controls')] })
  shown.layers = [control('Depth 1', {})]
  expect(await inputs()).toEqual({ depth: 'Depth 1' })
  useEngine.setState({ operations: [taking('depth')] })
  shown.layers = [control('Control 1', {}), control('Depth 1', {})]
  expect(await inputs()).toEqual({ depth: 'Depth 1' })
})

test('an IP-Adapter is shown all that is on its layer, as it is', async () => {
  useEngine.setState({ others: [network('face', 'sdxl', 'ip-adapter')] })
  shown.layers = [control('Face', { model: 'face', prepare: 'edges' })]
  expect(await inputs()).toEqual({ controls: [{ model: 'face', image: 'Face', weight: 1, start: 0, end: 1 }] })
})
