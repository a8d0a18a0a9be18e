import { beforeEach, expect, test } from 'vitest'
import { chooseMode, modeFor, modeNow, ownDoing, useMode } from './mode.ts'

beforeEach(() => useMode.setState({ found: 'create', chosen: undefined }))

test('an empty frame creates, a picture is reworked, a mask is filled, a frame past the edge extends', () => {
  expect(modeFor({ picture: 'none', isMasked: false })).toBe('create')
  expect(modeFor({ picture: 'none', isMasked: true })).toBe('create')
  expect(modeFor({ picture: 'all', isMasked: false })).toBe('rework')
  expect(modeFor({ picture: 'all', isMasked: true })).toBe('fill')
  expect(modeFor({ picture: 'some', isMasked: true })).toBe('extend')
})

test('a choice stays while the canvas changes, until what the canvas asks for is chosen', () => {
  useMode.setState({ found: 'rework' })
  chooseMode('create')
  expect(modeNow()).toBe('create')
  useMode.setState({ found: 'fill' })
  expect(modeNow()).toBe('create')
  chooseMode('fill')
  expect(useMode.getState().chosen).toBeUndefined()
  expect(modeNow()).toBe('fill')
})

test('a model that sees a picture, or only enlarges, says itself what is done', () => {
  expect(ownDoing({ kind: 'checkpoint', beside: 'nothing' })).toBeUndefined()
  expect(ownDoing({ kind: 'checkpoint', beside: 'picture' })).toMatchObject({ operation: 'instruct', isOfFrame: true })
  expect(ownDoing({ kind: 'checkpoint', beside: 'small picture' })?.operation).toBe('upscale-with-words')
  expect(ownDoing({ kind: 'checkpoint', beside: 'example' })).toMatchObject({ isMasked: true })
  expect(ownDoing({ kind: 'checkpoint', beside: 'shape' })).toMatchObject({ operation: 'smart-brush', isMasked: true })
  expect(ownDoing({ kind: 'checkpoint', beside: 'depth' })).toMatchObject({ operation: 'depth-to-image' })
  expect(ownDoing({ kind: 'upscaler', beside: 'nothing' })).toMatchObject({ operation: 'enlarge', does: 'Upscale' })
})
