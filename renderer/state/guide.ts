import { create } from 'zustand'
import { useDocument } from './document.ts'
import { modeOf, useMode } from './mode.ts'
import { keep, load } from './storage.ts'
import { useStudio } from './studio.ts'
import { go } from './ui.ts'

/** The guide of a minute: steps on the real controls, each over when what it asks for was done. */

interface Glance {
  readonly results: number
  readonly layers: number
  readonly isFilling: boolean
  readonly prompt: string
}

interface GuideStep {
  readonly id: string
  readonly title: string
  readonly words: string
  /** Whether it was done. */
  readonly isDone: (now: Glance) => boolean
}

/** Whether a word counts more or less: `(word:1.1)`. */
const isWeighted = (prompt: string): boolean => /\([^()]*:\s*\d/.test(prompt)

export const STEPS: readonly GuideStep[] = [
  {
    id: 'draw',
    title: 'Draw a picture',
    words: 'Choose one of the examples or write what you want to see, then press Generate.',
    isDone: ({ results }) => results > 0,
  },
  {
    id: 'accept',
    title: 'Take it onto the canvas',
    words: 'Accept makes the picture a layer. Results that you do not take stay in the Gallery.',
    isDone: ({ layers, results }) => layers > 0 && results === 0,
  },
  {
    id: 'mask',
    title: 'Paint a mask',
    words: 'Take the mask brush and paint over a part that shall change.',
    isDone: ({ isFilling }) => isFilling,
  },
  {
    id: 'weigh',
    title: 'Let a word count more',
    words: 'Write what shall be there. With the caret in a word, Ctrl and the up arrow let it count more.',
    isDone: ({ prompt }) => isWeighted(prompt),
  },
  {
    id: 'fill',
    title: 'Fill the mask',
    words: 'Press Fill mask: what the mask covers is drawn, and nothing else changes.',
    isDone: ({ results }) => results > 0,
  },
  {
    id: 'keep',
    title: 'Keep it',
    words: 'Accept once more. The document saves itself; Ctrl+Z takes any step back.',
    isDone: ({ results }) => results === 0,
  },
]

interface GuideState {
  /** Index of the step that is shown; STEPS.length: all are done. */
  readonly step: number | undefined
  /** It was done, or a person said that they need none. */
  readonly isKnown: boolean
}

const KEY = 'sfumato.guide'

export const useGuide = create<GuideState>()(() => ({ step: undefined, isKnown: load(KEY) !== null }))

export function startGuide(): void {
  go('studio')
  useGuide.setState({ step: 0 })
}

/** Puts it away; it is not offered again, but can be started from the palette and the help. */
export function endGuide(): void {
  keep(KEY, 'known')
  useGuide.setState({ step: undefined, isKnown: true })
}

const glance = (): Glance => ({
  results: useStudio.getState().draft.staged.length,
  prompt: useStudio.getState().draft.prompt,
  layers: useDocument.getState().document?.layers.length ?? 0,
  isFilling: modeOf(useMode.getState()) === 'fill',
})

/** Goes on when the step that is shown was done. */
function follow(): void {
  const { step } = useGuide.getState()
  if (step === undefined) return
  const shown = STEPS[step]
  if (shown?.isDone(glance())) useGuide.setState({ step: step + 1 })
}

useStudio.subscribe(follow)
useDocument.subscribe(follow)
useMode.subscribe(follow)
