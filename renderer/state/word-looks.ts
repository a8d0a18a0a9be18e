import { create } from 'zustand'
import { isWord, parsePrompt, promptAt, wordsIn } from '../../app/api/prompt.ts'
import { type Known, modelOf } from './again.ts'
import { blobUrl, type Image, type JobRequest } from './api.ts'
import { chipsOf } from './edit-words.ts'
import { engine, useEngine } from './engine.ts'
import { sayFailure } from './toasts.ts'
import { wordsOf } from './word-edit.ts'

/** Where the words of a picture look. */
export interface WordLooks {
  /** Hash of the picture. */
  readonly picture: string
  readonly words: string
  readonly isLooking: boolean
  /** Addresses of gray pictures, white where it looks most, by the number of the chip; empty until they are known. */
  readonly maps: Readonly<Record<number, string>>
}

interface State {
  /** Pictures that were looked at, latest last. */
  readonly looks: readonly WordLooks[]
  /** The chip under the pointer. */
  readonly pointed: number | undefined
}

export const useWordLooks = create<State>()(() => ({ looks: [], pointed: undefined }))

/** Pictures whose maps are kept. */
const KEPT = 20

/** What is known of a picture. */
export const looksOf = ({ looks }: Pick<State, 'looks'>, picture: Image): WordLooks | undefined =>
  looks.find(each => each.picture === picture.hash && each.words === wordsOf(picture))

/** What asks where the words of a picture look; undefined where its model is not here. */
export function lookRequest(picture: Image, known: Known): JobRequest | undefined {
  const model = modelOf(picture.recipe, known)
  const operation = known.operations.find(({ id }) => id === 'where-words-look')
  if (model === undefined || operation === undefined) return undefined
  const takes = Object.keys(Object(operation.parameters.properties)).filter(
    name => name !== 'width' && name !== 'height',
  )
  const own = Object.entries(picture.recipe?.parameters ?? {}).filter(([name]) => takes.includes(name))
  return {
    ...{ operation: operation.id, model: model.id },
    parameters: { ...Object.fromEntries(own), prompt: wordsOf(picture), image: picture.hash, words: '' },
  }
}

/** Finds out where the words of a picture look, unless that is known or under way. */
export async function lookAtWords(picture: Image): Promise<void> {
  const request = lookRequest(picture, useEngine.getState())
  if (request === undefined || looksOf(useWordLooks.getState(), picture) !== undefined) return
  const looks: WordLooks = { picture: picture.hash, words: wordsOf(picture), isLooking: true, maps: {} }
  const keep = (others: readonly WordLooks[]) =>
    others.filter(each => each.picture !== looks.picture || each.words !== looks.words)
  useWordLooks.setState(state => ({ looks: [...keep(state.looks), looks].slice(-KEPT) }))
  try {
    const { pictures } = await (await engine()).jobs.ask(request)
    const maps = mapsOfChips(looks.words, pictures.map(blobUrl))
    useWordLooks.setState(state => ({ looks: [...keep(state.looks), { ...looks, isLooking: false, maps }] }))
  } catch (error) {
    useWordLooks.setState(state => ({ looks: keep(state.looks) }))
    sayFailure(error)
  }
}

/** Maps come for the words as the model reads them, without brackets and weights; chips are the words as they are written. */
export function mapsOfChips(words: string, maps: readonly string[]): Record<number, string> {
  const read = promptAt(parsePrompt(words), 1, 1)
    .flat()
    .flatMap(({ text }) => wordsIn(text).filter(word => isWord(word.text)))
  const found: Record<number, string> = {}
  let next = 0
  for (const [k, chip] of chipsOf(words).entries()) {
    const at = read.findIndex((word, place) => place >= next && word.text === chip.text)
    const map = maps[at]
    if (!chip.isWord || at < 0 || map === undefined) continue
    found[k] = map
    next = at + 1
  }
  return found
}
