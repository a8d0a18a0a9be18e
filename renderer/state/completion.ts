import { suits, wordOf } from './additions.ts'
import type { ModelInfo } from './api.ts'
import type { Replacement } from './weights.ts'

/** What can be written next. */
export interface Option {
  readonly text: string
  readonly from: 'LoRA' | 'embedding' | 'wildcard' | 'example' | 'earlier prompt'
  /** The LoRA or embedding that the words call. */
  readonly calls?: ModelInfo
}

/** What was written up to the caret and is not finished. */
export interface Typed {
  /** Since the last comma, bracket or line; its last word is being written. */
  readonly phrase: string
  readonly word: string
  readonly caret: number
}

/** Letters from which on something is offered. */
const LEAST = 2
export const MOST_OPTIONS = 8

/** What is being written at the caret; nothing in the middle of a word. */
export function typedAt(text: string, caret: number): Typed | undefined {
  if (/^[\p{L}\p{N}\p{M}_]/u.test(text.slice(caret))) return undefined
  const phrase = (/[^,\n()[\]{}|:]*$/.exec(text.slice(0, caret))?.[0] ?? '').trimStart()
  const word = /\S+$/.exec(phrase)?.[0] ?? ''
  return word.length < LEAST ? undefined : { phrase, word, caret }
}

const folded = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** How much of what was typed an option goes on with: the phrase, the word alone, or nothing. */
function begunBy({ phrase, word }: Typed, text: string): string | undefined {
  return [phrase, word].find(typed => text.length > typed.length && folded(text).startsWith(folded(typed)))
}

/** The options that go on with what was typed, each once. */
export function offered(typed: Typed, options: readonly Option[]): Option[] {
  const known = new Set<string>()
  const fitting = options.filter(({ text }) => {
    const isNew = begunBy(typed, text) !== undefined && !known.has(folded(text))
    known.add(folded(text))
    return isNew
  })
  return fitting.slice(0, MOST_OPTIONS)
}

/** An option in the place of what it goes on with. */
export function taken(typed: Typed, { text }: Option): Replacement {
  const { caret } = typed
  const from = caret - (begunBy(typed, text) ?? typed.word).length
  return { from, to: caret, by: text, start: from + text.length, end: from + text.length }
}

/** What models and wildcards offer: trigger words of LoRAs and words of embeddings that suit the model, then wildcards, then the pieces
 *  of its examples. */
export function localOptions(
  model: ModelInfo | undefined,
  others: readonly ModelInfo[],
  wildcards: readonly string[],
): Option[] {
  const usable = others.filter(each => each.problem === undefined && each.missing !== true && suits(each, model))
  const loras = usable.filter(({ kind }) => kind === 'lora')
  const embeddings = usable.filter(({ kind }) => kind === 'embedding')
  const examples = (model?.examples ?? []).flatMap(example => example.split(',').map(piece => piece.trim()))
  return [
    ...loras.flatMap(calls => (calls.triggerWords ?? []).map(text => ({ text, from: 'LoRA' as const, calls }))),
    ...embeddings.map(calls => ({ text: wordOf({ model: calls.path }, calls), from: 'embedding' as const, calls })),
    ...wildcards.map(name => ({ text: `__${name}__`, from: 'wildcard' as const })),
    ...examples.filter(text => text !== '').map(text => ({ text, from: 'example' as const })),
  ]
}
