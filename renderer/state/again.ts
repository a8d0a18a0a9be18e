import { t } from '../language/language.ts'
import type { Image, JobRequest, ModelInfo, OperationInfo, Recipe } from './api.ts'
import { engine, useEngine } from './engine.ts'
import { useGallery } from './gallery.ts'
import { rollSeed } from './seed.ts'
import { say, sayFailure } from './toasts.ts'

/** Variations of a picture: how many at once, and how far each may go from it. */
const COUNT = 4
const STRENGTH = 0.3
const REWORK = 'image-to-image'
const ENLARGE = 'enlarge'

/** What runs are made from. */
export interface Known {
  readonly models: readonly ModelInfo[]
  readonly operations: readonly OperationInfo[]
}

/** The model that a recipe was drawn with; undefined where it is not here. */
export const modelOf = (recipe: Recipe | undefined, { models }: Pick<Known, 'models'>): ModelInfo | undefined =>
  recipe && models.find(({ name, problem }) => name === recipe.model.name && problem === undefined)

/** What draws the very same picture again; undefined where the model or the way of drawing is not here. */
export function rerunOf({ recipe }: Image, known: Known): JobRequest | undefined {
  const model = modelOf(recipe, known)
  if (recipe === undefined || model === undefined) return undefined
  if (!known.operations.some(({ id }) => id === recipe.operation)) return undefined
  return { operation: recipe.operation, model: model.id, parameters: recipe.parameters }
}

/** What draws pictures near this one: it is reworked a little with its own words. Undefined where its model draws no pictures from others. */
export function variationsOf(image: Image, known: Known, roll: () => bigint = rollSeed): JobRequest | undefined {
  const { recipe, hash } = image
  const model = modelOf(recipe, known)
  const rework = known.operations.find(({ id }) => id === REWORK)
  if (recipe === undefined || model === undefined || rework === undefined || model.kind !== rework.draws)
    return undefined
  const takes = Object.keys(Object(rework.parameters.properties))
  const own = Object.entries(recipe.parameters).filter(([name]) => takes.includes(name))
  const { width, height } = image
  return {
    operation: REWORK,
    model: model.id,
    parameters: {
      ...Object.fromEntries(own),
      ...{ image: hash, strength: STRENGTH, width, height, count: COUNT, seed: roll().toString() },
    },
  }
}

/** What makes a picture larger: the first network that enlarges pictures, by what it was made for. Undefined where there is none. */
export function upscaleOf({ hash }: Pick<Image, 'hash'>, { models, operations }: Known): JobRequest | undefined {
  const model = models.find(({ kind, problem }) => kind === 'upscaler' && problem === undefined)
  if (model === undefined || !operations.some(({ id }) => id === ENLARGE)) return undefined
  return { operation: ENLARGE, model: model.id, parameters: { image: hash } }
}

async function submit(request: JobRequest | undefined, line: string): Promise<void> {
  if (request === undefined) return
  try {
    const { id } = await (await engine()).jobs.submit(request)
    const cancel = async () => void (await (await engine()).jobs.cancel({ id }))
    say(line, { label: 'Cancel', run: () => void cancel().catch(sayFailure) })
  } catch (error) {
    sayFailure(error)
  }
}

export const rerun = (image: Image): Promise<void> =>
  submit(rerunOf(image, useEngine.getState()), t('It is drawn again; the result comes into the Gallery.'))

/** Makes a picture larger. */
export const upscale = (image: Image): Promise<void> =>
  submit(upscaleOf(image, useEngine.getState()), t('It is made larger; the result comes into the Gallery.'))

export const vary = (image: Image): Promise<void> =>
  submit(
    variationsOf(image, useEngine.getState()),
    t('{count} variations are drawn; they come into the Gallery.', { count: COUNT }),
  )

/** Varies the picture under the cursor of the gallery. */
export function varyCursor(): void {
  const { images, cursor, shelf } = useGallery.getState()
  const image = images.find(({ id }) => id === cursor)
  if (image !== undefined && shelf !== 'trash') void vary(image)
}
