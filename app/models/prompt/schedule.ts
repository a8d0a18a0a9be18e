import { Problem } from '../../problem.ts'
import { joinedTexts, type Places, type Prompt, type PromptPart, type When } from './parse.ts'

/** Words that count alike. */
export interface Segment {
  readonly text: string
  /** Where its units stand in the prompt, where that was asked for. */
  readonly places?: Places
  /** 1: as they are. */
  readonly weight: number
}

/** What is read on its own (between BREAKs), one after the other, each as runs of words. */
export type Sections = readonly (readonly Segment[])[]

/** Words as they stand, without any syntax. */
export const plainWords = (text: string): Sections => [[{ text, weight: 1 }]]

/** What prompts say at each step of a run. */
export interface PromptSchedule {
  /** Each different one once: what every prompt says. */
  readonly states: readonly (readonly Sections[])[]
  /** Which of the states holds at each step. */
  readonly stateAt: readonly number[]
}

/** A weight beyond this is a slip of the pen; numbers would overflow. */
const LARGEST_WEIGHT = 1000

/** What prompts say at each of `steps` steps; a prompt that changes nothing on the way gives one state.
 *
 *  Steps count from 1: `[a:b:8]` is a at the steps 1 to 8, as the web UI's description says. Its sampler looks the steps up from 0, so
 *  that there a change comes one step later and the first of two in turn holds for two steps.
 *  @throws Problem PROMPT_WEIGHT */
export function schedulePrompts(prompts: readonly Prompt[], steps: number): PromptSchedule {
  const states: (readonly Sections[])[] = []
  const known = new Map<string, number>()
  const stateAt = Array.from({ length: steps }, (_, k) => {
    if (k > 0 && !prompts.some(changes)) return 0
    const state = prompts.map(prompt => promptAt(prompt, k + 1, steps))
    const key = JSON.stringify(state)
    const index = known.get(key) ?? states.push(state) - 1
    known.set(key, index)
    return index
  })
  return { states, stateAt }
}

/** Whether a prompt says something else at different steps. */
const changes = (prompt: Prompt): boolean =>
  prompt.some(
    part => part.kind === 'edit' || part.kind === 'alternate' || (part.kind === 'weighted' && changes(part.parts)),
  )

/** What a prompt says at a step, 1 to `steps`. Neighbours that count alike are one run, so that words are cut as without brackets.
 *  @throws Problem PROMPT_WEIGHT */
export function promptAt(prompt: Prompt, step: number, steps: number): Sections {
  const sections: Segment[][] = [[]]
  const add = (parts: Prompt, weight: number): void => {
    for (const part of parts) {
      if (part.kind === 'break') sections.push([])
      else if (part.kind === 'text') append(sections[sections.length - 1], part, weight)
      else if (part.kind === 'weighted') add(part.parts, weight * part.factor)
      else add(chosen(part, step, steps), weight)
    }
  }
  add(prompt, 1)
  return sections
}

const chosen = (part: Extract<PromptPart, { kind: 'edit' | 'alternate' }>, step: number, steps: number): Prompt => {
  if (part.kind === 'alternate') return part.options[(step - 1) % part.options.length]
  return step <= stepsBefore(part.when, steps) ? part.before : part.after
}

const stepsBefore = (when: When, steps: number): number =>
  'step' in when ? Math.trunc(when.step) : Math.trunc(when.share * steps)

function append(section: Segment[], part: Omit<Segment, 'weight'>, weight: number): void {
  if (Math.abs(weight) > LARGEST_WEIGHT) {
    const words = part.text.trim().slice(0, 40)
    throw new Problem(
      'PROMPT_WEIGHT',
      `The words "${words}" in the prompt have a weight of ${weight.toPrecision(3)}.`,
      {
        hint: `Weights of 0.5 to 1.5 are usual; at most ${LARGEST_WEIGHT} is possible.`,
      },
    )
  }
  const last = section.at(-1)
  if (last?.weight === weight) section[section.length - 1] = { ...joinedTexts(last, part), weight }
  else section.push({ text: part.text, ...(part.places && { places: part.places }), weight })
}
