import { engine } from './engine.ts'
import { promptArea, typeOver } from './typing.ts'

/** A walk through earlier prompts: the words that it began with stand first. */
export interface Walk {
  readonly prompts: readonly string[]
  readonly at: number
}

/** The walk that begins at these words. */
export const walkFrom = (words: string, earlier: readonly string[]): Walk => ({
  prompts: [words, ...earlier.filter(prompt => prompt !== words)],
  at: 0,
})

/** One step back (1) or forth (-1); undefined at the ends. */
export function walked({ prompts, at }: Walk, step: number): Walk | undefined {
  const next = at + step
  return next < 0 || next >= prompts.length ? undefined : { prompts, at: next }
}

let walk: Walk | undefined

/** Puts the prompt before (1) or after (-1) this one into the prompt that is being written. Whoever writes in between begins anew. */
export async function earlierPrompt(step: number): Promise<void> {
  const area = promptArea()
  if (area === undefined || area.id !== 'prompt') return
  const words = area.value
  if (walk === undefined || walk.prompts[walk.at] !== words) {
    if (step < 0) return
    const { prompts } = await (await engine()).prompts.recent({})
    walk = walkFrom(words, prompts)
  }
  const next = walked(walk, step)
  if (next === undefined || promptArea() !== area || area.value !== words) return
  walk = next
  const by = next.prompts[next.at] ?? ''
  typeOver(area, { from: 0, to: words.length, by, start: by.length, end: by.length })
}
