import { create } from 'zustand'
import { keep, load } from './storage.ts'

/** How large everything in the window is. The app's own window can change it; a browser does that itself. */

interface Scale {
  /** In percent; undefined in a browser. */
  readonly percent: number | undefined
  /** Whether a larger size is proposed: everything is small on this screen, and nobody has said how it shall be. */
  readonly isProposed: boolean
}

/** Sizes that the settings offer, in percent; the menu goes in steps of 10. */
export const SCALES = [80, 100, 110, 125, 150, 175, 200] as const
/** What is proposed on a large screen that makes nothing larger by itself. */
export const PROPOSED = 125

const KEY = 'sfumato.scale'
/** Pixels across, from which the usual size is small. */
const LARGE_SCREEN = 3200

const percentNow = (): number | undefined => {
  const factor = window.sfumato?.scale?.get()
  return factor === undefined ? undefined : Math.round(factor * 100)
}

/** Whether a screen shows everything small. @param ratio its pixels for one of the page's */
export const isSmallOn = (width: number, ratio: number): boolean => ratio <= 1 && width >= LARGE_SCREEN

const percent = percentNow()
export const useScale = create<Scale>()(() => ({
  percent,
  isProposed: percent === 100 && load(KEY) === null && isSmallOn(window.screen.width, window.devicePixelRatio),
}))

/** Another size, from now on. */
export function changeScale(percent: number): void {
  window.sfumato?.scale?.set(percent / 100)
  keep(KEY, 'chosen')
  useScale.setState({ percent: percentNow(), isProposed: false })
}

/** The usual size is right; nothing else is proposed any more. */
export function keepScale(): void {
  keep(KEY, 'chosen')
  useScale.setState({ isProposed: false })
}

// The menu changes it too; that resizes the page.
window.addEventListener('resize', () => {
  const now = percentNow()
  if (now !== useScale.getState().percent) useScale.setState({ percent: now, isProposed: false })
})
