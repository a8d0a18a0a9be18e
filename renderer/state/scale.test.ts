import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const bridge = { factor: 1 }
/** The page as it begins on a screen. @param ratio its pixels for one of the page's */
async function beginOn(width: number, ratio: number, inApp = true) {
  const scale = {
    get: () => bridge.factor,
    set(factor: number) {
      bridge.factor = factor
    },
  }
  vi.stubGlobal('window', {
    ...{ screen: { width }, devicePixelRatio: ratio, addEventListener: () => {} },
    ...(inApp && { sfumato: { scale } }),
  })
  vi.resetModules()
  return await import('./scale.ts')
}

beforeEach(() => {
  const kept = new Map<string, string>()
  bridge.factor = 1
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
})
afterEach(() => void vi.unstubAllGlobals())

test('a larger size is proposed where a screen has many pixels and makes nothing larger by itself', async () => {
  for (const [width, ratio, isProposed] of [
    [3840, 1, true],
    [3840, 2, false],
    [1920, 1, false],
  ] as const) {
    expect((await beginOn(width, ratio)).useScale.getState()).toEqual({ percent: 100, isProposed })
  }
  expect((await beginOn(3840, 1, false)).useScale.getState()).toEqual({ percent: undefined, isProposed: false })
})

test('a size that was chosen, or left, is not asked for again', async () => {
  const first = await beginOn(3840, 1)
  first.changeScale(first.PROPOSED)
  expect(bridge.factor).toBe(1.25)
  expect(first.useScale.getState()).toEqual({ percent: 125, isProposed: false })
  bridge.factor = 1
  expect((await beginOn(3840, 1)).useScale.getState().isProposed).toBe(false)
})
