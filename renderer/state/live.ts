import { create } from 'zustand'
import { t } from '../language/language.ts'
import type { Image } from './api.ts'
import { engine } from './engine.ts'
import { cancelJob, generate } from './runs.ts'
import { rollSeed } from './seed.ts'
import { edit, endEdit, useStudio } from './studio.ts'
import { announce } from './ui.ts'

/** Live: the frame is drawn again, in few steps, whenever the hand rests. */
export const useLive = create<{
  readonly on: boolean
  /** The hand is on the canvas: what it paints is seen, not the last drawing. */
  readonly isPainting: boolean
}>()(() => ({ on: false, isPainting: false }))

/** Steps of a live drawing, at most: quick before fine. */
const STEPS = 6
/** Milliseconds that the hand rests until it is drawn again. */
const AFTER = 60

/** Jobs that were asked for live, and what the last of them drew. */
const jobs = new Set<string>()
let drawn: readonly Image[] = []
let timer: ReturnType<typeof setTimeout> | undefined

/** Switches live drawing on or off. The seed is kept while it is on, so that only what is painted changes. */
export function toggleLive(): void {
  const on = !useLive.getState().on
  useLive.setState({ on, isPainting: false })
  announce(on ? t('Live: drawn again after each stroke') : t('Live is off'))
  clearTimeout(timer)
  if (!on) return
  const { draft } = useStudio.getState()
  if (!draft.seedKept || draft.seed === '') {
    endEdit()
    edit('seed', { seed: draft.seed === '' ? rollSeed().toString() : draft.seed, seedKept: true })
    endEdit()
  }
  soon()
}

/** The hand goes to the canvas. */
export function handDown(): void {
  if (!useLive.getState().on) return
  clearTimeout(timer)
  useLive.setState({ isPainting: true })
}

/** The hand leaves the canvas; the frame is drawn again when it rests. */
export function handUp(): void {
  if (useLive.getState().on) soon()
}

function soon(): void {
  clearTimeout(timer)
  timer = setTimeout(() => void redraw(), AFTER)
}

async function redraw(): Promise<void> {
  if (!useLive.getState().on) return
  // What is still being drawn is out of date.
  await Promise.all([...jobs].map(cancelJob))
  jobs.clear()
  const job = await generate({ live: { steps: STEPS } })
  if (job !== undefined) jobs.add(job.id)
}

/** Whether a job was asked for live. */
export const isLive = (job: string): boolean => jobs.has(job)

/** What a live job drew takes the place of what the one before drew, which goes to the trash. @returns the pictures that leave the strip */
export function liveDrawn(job: string, images: readonly Image[]): ReadonlySet<string> {
  jobs.delete(job)
  const before = drawn
  drawn = images
  useLive.setState({ isPainting: false })
  const { staged, accepted } = useStudio.getState().draft
  const ids = before.map(({ id }) => id).filter(id => id !== accepted?.id && staged.some(each => each.id === id))
  if (ids.length > 0) void trash(ids)
  return new Set(ids)
}

async function trash(ids: string[]): Promise<void> {
  try {
    await (await engine()).images.trash({ ids })
  } catch {
    // They stay in the gallery.
  }
}
