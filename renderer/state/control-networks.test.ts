import { expect, test } from 'vitest'
import { addition, MODEL } from '../testing/told.ts'
import type { ModelInfo } from './api.ts'
import { controlFits, controlFor, controlsAmong, insteadOf } from './control-networks.ts'

const control = (name: string, family: string, kind: ModelInfo['kind'] = 'controlnet') =>
  addition(kind, `/models/${name}.safetensors`, { family, id: name })
const xl: ModelInfo = { ...MODEL, embedded: false, family: 'sdxl' }
const own = control('Sticker World pose', 'unknown')
const [pose, poseXl, canny, face, faceXl] = [
  ...[control('openpose', 'sd1'), control('openpose-xl', 'sdxl'), control('canny', 'sd1')],
  ...[control('face', 'sd1', 'ip-adapter'), control('face-xl', 'sdxl', 'ip-adapter')],
]
const others = [addition('lora', '/models/pose.safetensors'), own, pose, poseXl, canny, face, faceXl]
const layer = { model: '' }

test('controls fit models of their own family; those that come with the app fit the models that do', () => {
  expect(controlsAmong(others)).toHaveLength(6)
  expect(others.filter(each => each.kind === 'controlnet' && controlFits(each, MODEL))).toEqual([own])
  expect(controlsAmong(others).filter(each => controlFits(each, xl))).toEqual([poseXl, faceXl])
  const sketch = control('sketch', 'sd1', 't2i-adapter')
  expect([MODEL, xl, { ...xl, family: 'unknown' }].map(model => controlFits(sketch, model))).toEqual([
    false,
    false,
    true,
  ])
  expect(controlFits(pose, undefined)).toBe(true)
})

test('where none is chosen, what is on a layer says which network reads it', () => {
  expect(controlFor({ ...layer, figures: [] }, xl, others)).toBe(poseXl)
  expect(controlFor({ ...layer, figures: [] }, MODEL, others)).toBe(own)
  expect(controlFor({ ...layer, prepare: 'edges' }, { ...xl, family: 'sd1' }, others)).toBe(canny)
  expect(controlFor({ ...layer, prepare: 'edges' }, xl, others)).toBeUndefined()
  expect(controlFor(layer, xl, others)).toBeUndefined()
})

test('one that does not fit is replaced by one that reads the same', () => {
  expect(insteadOf(pose, layer, xl, others)).toBe(poseXl)
  expect(insteadOf(canny, { ...layer, figures: [] }, xl, others)).toBe(poseXl)
  expect(insteadOf(canny, layer, xl, others)).toBeUndefined()
  expect(insteadOf(face, layer, xl, others)).toBe(faceXl)
  const broken = others.map(each => (each === poseXl ? { ...each, problem: 'It is gone.' } : each))
  expect(insteadOf(pose, layer, xl, broken)).toBeUndefined()
})
