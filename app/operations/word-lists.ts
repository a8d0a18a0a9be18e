import type { PlacedWord, WordPlaces } from '../models/prompt/word-places.ts'
import { isWord } from '../models/prompt/words.ts'
import { Problem } from '../problem.ts'

/** One of a list: a word, which of those that are alike (from 1), and a weight. */
const entry = /^(?<word>.+?)\s*(?:#(?<nth>\d+))?\s*(?::\s*(?<weight>[+-]?(?:\d+\.?\d*|\.\d+)))?$/u

/** Weights beyond these draw noise. */
const [LEAST, MOST] = [-2, 4]

/** `car:2, red#2:-1` as weights by the number of the word. @throws Problem WORD_UNKNOWN, WORD_WEIGHT; `details.field` is weights */
export function wordWeights(list: string, prompt: WordPlaces): ReadonlyMap<number, number> {
  const weights = new Map<number, number>()
  for (const part of partsOf(list)) {
    const { word = part, nth, weight } = entry.exec(part)?.groups ?? {}
    const value = Number(weight ?? Number.NaN)
    if (!(value >= LEAST && value <= MOST)) {
      throw new Problem('WORD_WEIGHT', `"${part}" gives no weight from ${LEAST} to ${MOST}.`, {
        hint: 'Write words with their weights, as "car:2, red:-1".',
        details: { field: 'weights' },
      })
    }
    const found = numbersOf(word, nth, prompt)
    if (found.length === 0) throw unknown(word, nth, [prompt], 'weights')
    for (const number of found) weights.set(number, value)
  }
  return weights
}

/** The tokens of named words in each prompt; undefined where none are named. @param field the parameter, for messages
 *  @throws Problem WORD_UNKNOWN for a word of neither */
export function wordsNamed(
  list: string,
  prompts: readonly [WordPlaces, WordPlaces],
  field: string,
): readonly [readonly number[], readonly number[]] | undefined {
  const named = namesIn(list)
  if (named.length === 0) return undefined
  const places: [number[], number[]] = [[], []]
  for (const part of named) {
    const { word = part, nth } = entry.exec(part)?.groups ?? {}
    const found = prompts.map(prompt => numbersOf(word, nth, prompt).flatMap(k => prompt.words[k].places))
    if (found.flat().length === 0) throw unknown(word, nth, prompts, field)
    for (const k of [0, 1]) places[k].push(...found[k])
  }
  return places
}

/** Named words of a prompt in its order, each once; none named: all that have letters. @param field the parameter, for messages
 *  @throws Problem WORD_UNKNOWN */
export function wordsChosen(list: string, prompt: WordPlaces, field: string): readonly PlacedWord[] {
  const named = namesIn(list).flatMap(part => {
    const { word = part, nth } = entry.exec(part)?.groups ?? {}
    const found = numbersOf(word, nth, prompt)
    if (found.length === 0) throw unknown(word, nth, [prompt], field)
    return found
  })
  return prompt.words.filter(({ text }, k) => (named.length === 0 ? isWord(text) : named.includes(k)))
}

const namesIn = (list: string): string[] => partsOf(list).flatMap(part => part.split(/\s+/))

const partsOf = (list: string): string[] => list.split(',').flatMap(part => part.trim() || [])

/** Numbers of the words that are meant: all that are alike, or the n-th of them. */
function numbersOf(word: string, nth: string | undefined, { words }: WordPlaces): number[] {
  const same = words.flatMap(({ text }, k) => (text.toLowerCase() === word.toLowerCase() ? [k] : []))
  return nth === undefined ? same : same.slice(Number(nth) - 1, Number(nth))
}

function unknown(word: string, nth: string | undefined, prompts: readonly WordPlaces[], field: string): Problem {
  const which = nth === undefined ? '' : ` ${nth} times`
  const known = [...new Set(prompts.flatMap(({ words }) => words.map(({ text }) => text)))]
  return new Problem('WORD_UNKNOWN', `The word "${word}" does not stand${which} in the prompt.`, {
    hint: `Its words are ${known.join(' ')}.`,
    details: { field },
  })
}
