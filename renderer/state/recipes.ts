import { placePicture } from '../canvas/actions/accept.ts'
import { t } from '../language/language.ts'
import type { Image, Recipe } from './api.ts'
import { type Draft, draftOfRecipe } from './draft.ts'
import { engine, useEngine } from './engine.ts'
import { formFields } from './form-in-force.ts'
import { undo } from './history.ts'
import { failureOf, sentenceOf } from './problem.ts'
import { edit, endEdit, useStudio } from './studio.ts'
import { say, sayFailure, warn } from './toasts.ts'
import { go } from './ui.ts'
import { shortName } from './words.ts'

/** Puts a recipe's words, seed and settings into the Studio, and says so, with the way back. */
export function applyRecipe(recipe: Recipe, from: string): void {
  const fields = formFields(recipe.operation)
  const { models, others } = useEngine.getState()
  const { draft, missingModel } = draftOfRecipe(useStudio.getState().draft, recipe, fields, models, others)
  endEdit()
  edit('recipe', draft)
  endEdit()
  go('studio')
  const back = { label: 'Undo', run: undo }
  const odd = unknownWords(recipe)
  if (odd !== undefined) warn(odd, back)
  if (missingModel === undefined) say(t('Prompt, seed and settings are those of {from}.', { from }), back)
  else {
    const words = 'Made with {model}, which is not on this computer; the rest of the recipe is set.'
    warn(t(words, { model: missingModel }), back)
  }
}

/** The sentence about what another program's recipe says that means nothing here; the model's own values stand in its place. */
export function unknownWords({ unknown = {} }: Pick<Recipe, 'unknown'>): string | undefined {
  const said = Object.entries(unknown).map(([label, value]) => `${label.toLowerCase()} “${value}”`)
  if (said.length === 0) return undefined
  const what = said.join(` ${t('and')} `)
  return t('Not known here: {what} of this recipe; the model’s own is used.', { what })
}

/** Bytes of a picture that goes in one message. */
const LONGEST = 24 * 2 ** 20

/** Reads the recipe that a dropped, pasted or opened picture carries, and uses it. */
export async function readRecipe(file: File): Promise<void> {
  const name = file.name === '' ? t('the pasted picture') : file.name
  const called = shortName(name)
  if (file.size > LONGEST) return warn(t('{name} is too large to be looked at for a recipe.', { name: called }))
  try {
    const { recipe } = await (await engine()).images.readRecipe({ name, file })
    applyRecipe(recipe, called)
  } catch (error) {
    warn(sentenceOf(failureOf(error)))
  }
}

/** The accepted picture is the one of the Gallery, with its recipe in the dock. */
export function openInStudio(image: Image): void {
  const fields = formFields(image.recipe?.operation ?? '')
  const { models, others } = useEngine.getState()
  const before = useStudio.getState().draft
  const draft: Draft =
    image.recipe === undefined ? before : draftOfRecipe(before, image.recipe, fields, models, others).draft
  endEdit()
  void placePicture(image, () => {
    edit('open', { ...draft, accepted: image, staged: [] })
    endEdit()
  })
  useStudio.setState({ shown: 0, compared: -1, watching: false, stopped: undefined, refused: undefined })
  go('studio')
}

export async function copyRecipe(recipe: Recipe): Promise<void> {
  try {
    await navigator.clipboard.writeText(JSON.stringify(recipe, undefined, 2))
    say(t('The recipe is on the clipboard.'))
  } catch (error) {
    sayFailure(error)
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** A recipe that was copied as text; nothing when the text is something else. */
export function parseRecipe(text: string): Recipe | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!isRecord(value) || !isRecord(value.parameters) || !isRecord(value.model)) return undefined
    const { operation, operationVersion, parameters, seed, model, provider, app, parents } = value
    if (typeof operation !== 'string' || typeof seed !== 'string') return undefined
    return {
      operation,
      operationVersion: typeof operationVersion === 'number' ? operationVersion : 1,
      parameters,
      seed,
      model: { name: String(model.name ?? ''), hash: String(model.hash ?? '') },
      provider: String(provider ?? ''),
      app: String(app ?? ''),
      parents: Array.isArray(parents) ? parents.filter(each => typeof each === 'string') : [],
    }
  } catch {
    return undefined
  }
}

/** Words for a file name: the prompt's first ones, and the seed. */
export const fileName = (image: Image): string => {
  const words = String(image.recipe?.parameters.prompt ?? 'picture')
  const slug = words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  return `${slug === '' ? 'picture' : slug}${image.recipe === undefined ? '' : `-${image.recipe.seed}`}.png`
}

/** Saves a copy of the picture where the person wants it, through the browser's own download. */
export function saveCopy(image: Image, url: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = fileName(image)
  link.click()
}
