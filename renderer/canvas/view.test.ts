import { beforeEach, expect, test, vi } from 'vitest'
import { arrange, useView } from './view.ts'

const stage = { width: 1000, height: 800 }
const frames: FrameRequestCallback[] = []

beforeEach(() => {
  frames.length = 0
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
  vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame))
  vi.stubGlobal('cancelAnimationFrame', () => {})
  useView.setState(useView.getInitialState())
})

test('the first picture is in its place at once, whichever of stage and picture is known first', () => {
  arrange({ stage })
  expect(useView.getState().view).toEqual({ scale: 1, x: 0, y: 0 })
  arrange({ content: { x: 0, y: 0, width: 100, height: 100 } })
  expect(useView.getState().view).toEqual({ scale: 8, x: 100, y: 0 })
  expect(frames).toEqual([])
})

test('another picture glides to its place, a resized window follows at once', () => {
  arrange({ stage })
  arrange({ content: { x: 0, y: 0, width: 100, height: 100 } })
  arrange({ content: { x: 0, y: 0, width: 200, height: 200 } })
  expect(useView.getState().view.scale).toBe(8)
  frames.at(-1)?.(performance.now() + 1000)
  expect(useView.getState().view).toEqual({ scale: 4, x: 100, y: 0 })
  arrange({ stage: { width: 800, height: 400 } })
  expect(useView.getState().view).toEqual({ scale: 2, x: 200, y: 0 })
})
