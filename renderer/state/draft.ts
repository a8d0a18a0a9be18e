import { additionsAsked, localAdditions } from './additions.ts'
import type { Image, JobRequest, ModelInfo, Recipe, SamplerInfo } from './api.ts'
import { type Field, fittingValues, isChanged, type Values, valueInForce } from './form.ts'
import { servesOthers } from './samplers.ts'
import { parseSeed, rollSeed } from './seed.ts'
import { keep, load } from './storage.ts'
import { isOfCanvas } from './where.ts'

/** What a person has set up and made in the Studio; the part that survives a reload and that undo covers. */
export interface Draft {
  /** Id of the chosen model; absent until the engine told which ones there are. */
  readonly model?: string
  readonly prompt: string
  /** Parameters that were set by hand; all others take the model's own values. */
  readonly values: Values
  /** As typed: decimal digits, or empty for a new seed at each run. */
  readonly seed: string
  /** Locked: the next run uses the same seed again. */
  readonly seedKept: boolean
  /** The picture that was accepted into the frame. */
  readonly accepted?: Image
  /** Results that wait to be accepted or discarded, oldest first. */
  readonly staged: readonly Image[]
}

export const emptyDraft: Draft = { prompt: '', values: {}, seed: '', seedKept: false, staged: [] }

/** The model in force: the chosen one, else the first that can be used. */
export const modelOf = (draft: Pick<Draft, 'model'>, models: readonly ModelInfo[]): ModelInfo | undefined =>
  models.find(model => model.id === draft.model) ?? models.find(model => model.problem === undefined) ?? models[0]

const numberOf = (fields: readonly Field[], name: string, draft: Draft, model: ModelInfo | undefined) => {
  const field = fields.find(each => each.name === name)
  const value = field === undefined ? undefined : valueInForce(field, draft.values, model)
  return typeof value === 'number' ? value : undefined
}

/** Width and height of the next picture in pixels; nothing before the model is known. */
export function frameSize(fields: readonly Field[], draft: Draft, model: ModelInfo | undefined) {
  const width = numberOf(fields, 'width', draft, model)
  const height = numberOf(fields, 'height', draft, model)
  if (width !== undefined && height !== undefined) return { width, height }
  // A form without sizes: the model knows one alone, or takes pictures of any.
  if (fields.length === 0 || model === undefined) return undefined
  return model.defaults.width > 0 ? model.defaults : EMPTY_FRAME
}

/** Of a document without layers, for models that take pictures of any size. */
const EMPTY_FRAME = { width: 512, height: 512 }

/** How many pictures the next run makes. */
export const pictureCount = (fields: readonly Field[], draft: Draft, model: ModelInfo | undefined): number =>
  numberOf(fields, 'count', draft, model) ?? 1

/** The seed of the next run, as it goes over the wire: the kept one, else a new one. */
export const nextSeed = (draft: Draft, fresh: boolean, roll: () => bigint = rollSeed): string =>
  ((!fresh && draft.seedKept ? parseSeed(draft.seed) : undefined) ?? roll()).toString()

/** What is asked of the engine: only what differs from the model's own values, so that a better model default takes effect.
 *  @param library tells for what kind of model LoRAs, embeddings and VAEs were made: those that do not suit this one stay out
 *  @param samplers tells which serve it */
export function requestOf(
  operation: string,
  model: ModelInfo,
  fields: readonly Field[],
  draft: Draft,
  seed: string | undefined,
  library: readonly ModelInfo[] = [],
  samplers: readonly SamplerInfo[] = [],
): JobRequest {
  const changed = fields.filter(
    field =>
      isChanged(field, draft.values, model) &&
      !(field.widget === 'sampler' && servesOthers(draft.values[field.name], model, samplers)),
  )
  const reads = fields.some(({ name }) => name === 'prompt')
  const parameters: Record<string, unknown> = reads ? { prompt: draft.prompt } : {}
  for (const field of fields) {
    // No model has a class of its own: the first one stands in the field until another is chosen.
    if (field.widget === 'class') parameters[field.name] = draft.values[field.name] ?? field.minimum
  }
  for (const { name, widget, takes } of changed) {
    const value = draft.values[name]
    // The run is given its pixels.
    if (isOfCanvas(value)) continue
    parameters[name] = widget === 'files' ? additionsAsked(takes, value, model, library) : value
  }
  if (seed !== undefined) parameters.seed = seed
  return { operation, model: model.id, parameters }
}

/** The draft that draws a recipe's picture again, and the model's name when it is not on this computer.
 *  @param library LoRAs, embeddings, VAEs: those of the recipe may lie elsewhere here */
export function draftOfRecipe(
  draft: Draft,
  recipe: Recipe,
  fields: readonly Field[],
  models: readonly ModelInfo[],
  library: readonly ModelInfo[] = [],
): { draft: Draft; missingModel?: string } {
  const known = models.find(({ name }) => name === recipe.model.name)
  const model = known ?? modelOf(draft, models)
  const { seed: _, prompt, count: __, ...values } = fittingValues(fields, recipe.parameters)
  const set = fields
    .filter(field => isChanged(field, values, model))
    .map(({ name, widget }) => {
      return [name, widget === 'files' ? localAdditions(values[name], recipe, library) : values[name]] as const
    })
  return {
    draft: {
      ...draft,
      model: model?.id,
      prompt: typeof prompt === 'string' ? prompt : '',
      values: Object.fromEntries(set),
      seed: parseSeed(recipe.seed)?.toString() ?? '',
      seedKept: parseSeed(recipe.seed) !== undefined,
    },
    missingModel: known === undefined && recipe.model.name !== '' ? recipe.model.name : undefined,
  }
}

// ---- Kept in this browser ---------------------------------------------------------------------------------------------
// The contract has no documents yet, so what a person set up is kept in the page's own storage. Pictures are safe in the
// engine's library whatever happens here; only their places in the strip are remembered.

const KEY = 'sfumato.studio'

/** What is kept: the draft, and the jobs whose results were not seen yet. */
export interface Kept {
  readonly draft: Draft
  readonly pending: readonly string[]
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isImage = (value: unknown): value is Image =>
  isRecord(value) &&
  [value.id, value.hash].every(each => typeof each === 'string') &&
  [value.width, value.height, value.createdAt, value.index].every(each => typeof each === 'number')

/** Reads what was kept; whatever is missing or damaged there is left out, and never an error. */
export function readKept(text: string | null): Kept {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    if (!isRecord(value)) return { draft: emptyDraft, pending: [] }
    const { model, prompt, values, seed, seedKept, accepted, staged, pending } = value
    return {
      draft: {
        model: typeof model === 'string' ? model : undefined,
        prompt: typeof prompt === 'string' ? prompt : '',
        values: isRecord(values) ? values : {},
        seed: typeof seed === 'string' ? seed : '',
        seedKept: seedKept === true,
        accepted: isImage(accepted) ? accepted : undefined,
        staged: Array.isArray(staged) ? staged.filter(isImage) : [],
      },
      pending: Array.isArray(pending) ? pending.filter(each => typeof each === 'string') : [],
    }
  } catch {
    return { draft: emptyDraft, pending: [] }
  }
}

export const writeKept = ({ draft, pending }: Kept): string => JSON.stringify({ ...draft, pending })

export const loadKept = (): Kept => readKept(load(KEY))
export const saveKept = (kept: Kept): void => keep(KEY, writeKept(kept))
