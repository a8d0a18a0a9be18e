import { create } from 'zustand'
import { type Known, modelOf } from './again.ts'
import type { Image, JobRequest } from './api.ts'
import { changedPrompt, chipsOf, focusList, type WordChange, type WordChanges, weightList } from './edit-words.ts'
import { useEngine } from './engine.ts'
import { drawRequest } from './runs.ts'

/** An edit that is being set up in the panel of words. */
export interface WordEdit {
  /** Id of the picture whose words they are. */
  readonly image: string
  readonly changes: WordChanges
  /** The chip whose edit is open. */
  readonly open: number | undefined
  /** Share of the steps, 0 to 1. */
  readonly keepPlacement: number
  readonly keepShape: number
  /** Whether only where the changed words look anything changes, and what counts as looking, 0 to 1. */
  readonly onlyThere: boolean
  readonly above: number
}

const untouched = (image: string): WordEdit => ({
  ...{ image, changes: {}, open: undefined },
  ...{ keepPlacement: 0.8, keepShape: 0.4, onlyThere: false, above: 0.3 },
})

export const useWordEdit = create<{ readonly edit: WordEdit }>()(() => ({ edit: untouched('') }))

/** The edit of a picture; another picture begins anew. */
export const editOf = (image: Image): WordEdit => {
  const { edit } = useWordEdit.getState()
  return edit.image === image.id ? edit : untouched(image.id)
}

export const setEdit = (image: Image, change: Partial<WordEdit>): void =>
  useWordEdit.setState({ edit: { ...editOf(image), ...change } })

/** Changes one word; what changes nothing is forgotten. */
export function changeWord(image: Image, chip: number, change: WordChange): void {
  const { changes } = editOf(image)
  const [, text = ''] = [0, chipsOf(wordsOf(image))[chip]?.text]
  const { swap, weight } = { ...changes[chip], ...change }
  const isSwapped = swap !== undefined && swap.trim() !== text
  const isWeighed = weight !== undefined && weight !== 1
  const { [chip]: _, ...others } = changes
  const own = { ...(isSwapped && { swap }), ...(isWeighed && { weight }) }
  setEdit(image, { changes: isSwapped || isWeighed ? { ...others, [chip]: own } : others })
}

export const clearEdit = (image: Image): void => useWordEdit.setState({ edit: untouched(image.id) })

/** What a picture says: the new words of an edit, else its prompt. */
export function wordsOf({ recipe }: Pick<Image, 'recipe'>): string {
  const { prompt, to } = recipe?.parameters ?? {}
  return typeof to === 'string' ? to : typeof prompt === 'string' ? prompt : ''
}

/** The run that makes an edit: a picture that was drawn from noise is drawn again beside its edit; the noise of any other is found first.
 *  Undefined where its model is not here, or changes nothing. */
export function requestOfEdit(image: Image, edit: WordEdit, known: Known): JobRequest | undefined {
  const { recipe } = image
  const model = modelOf(recipe, known)
  const isDrawn = recipe?.operation === 'text-to-image'
  const operation = known.operations.find(({ id }) => id === (isDrawn ? 'edit-words' : 'edit-picture-words'))
  if (recipe === undefined || model === undefined || operation === undefined) return undefined
  const said = wordsOf(image)
  const to = changedPrompt(said, edit.changes)
  const weights = weightList(said, edit.changes)
  if (to === said && weights === '') return undefined
  const takes = Object.keys(Object(operation.parameters.properties))
  const own = Object.entries(recipe.parameters).filter(([name]) => takes.includes(name))
  const focus = Object.keys(edit.changes).map(chip => focusList(said, edit.changes, Number(chip)))
  const { width, height, hash } = image
  return {
    operation: operation.id,
    model: model.id,
    parameters: {
      ...Object.fromEntries(own),
      ...{ prompt: said, to, weights, count: 1 },
      ...{ keepPlacement: edit.keepPlacement, keepShape: edit.keepShape },
      ...{ onlyWhere: edit.onlyThere ? focus.join(' ') : '', onlyAbove: edit.above },
      ...(!isDrawn && { image: hash, width, height }),
    },
  }
}

/** Draws the edit that is set up. */
export async function drawEdit(image: Image): Promise<void> {
  const request = requestOfEdit(image, editOf(image), useEngine.getState())
  if (request !== undefined) await drawRequest(request)
}
