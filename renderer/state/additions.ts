import type { ModelInfo, Recipe } from './api.ts'

/** What can be put beside a checkpoint: LoRAs, embeddings, another VAE, text encoders where it has none. In the draft they stand by their paths, as in recipes. */

export type AdditionKind = 'lora' | 'embedding' | 'vae' | 'text-encoder' | 'classifier'

/** Kinds of which one is chosen at most: the value is its path. */
export type SingleKind = 'vae' | 'classifier'
export const isSingle = (kind: AdditionKind | undefined): kind is SingleKind => kind === 'vae' || kind === 'classifier'

/** One LoRA or embedding of the draft. */
export interface Addition {
  /** Its path. */
  readonly model: string
  /** Of a LoRA; 1: as it was trained. */
  readonly strength?: number
  /** Of an embedding, where somebody chose another than its own. */
  readonly word?: string
  /** Kept, and not used: the page's own, the engine never hears of it. */
  readonly off?: true
}

export const STRONGEST = 10

const isAdditionKind = (value: unknown): value is AdditionKind =>
  value === 'lora' || value === 'embedding' || value === 'vae' || value === 'text-encoder' || value === 'classifier'
export const additionKind = (value: unknown): AdditionKind | undefined => (isAdditionKind(value) ? value : undefined)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function additionOf(value: unknown): Addition[] {
  if (!isRecord(value) || typeof value.model !== 'string' || value.model === '') return []
  const { model, strength, word, off } = value
  const isStrength = typeof strength === 'number' && Math.abs(strength) <= STRONGEST
  return [
    {
      model,
      ...(isStrength && { strength }),
      ...(typeof word === 'string' && word.trim() !== '' && { word }),
      ...(off === true && { off }),
    },
  ]
}

/** The LoRAs or embeddings that a value holds; whatever makes no sense there is left out. */
export const additionsIn = (value: unknown): Addition[] => (Array.isArray(value) ? value.flatMap(additionOf) : [])

/** A value from a recipe or a saved state, if it is one. */
export function fittingAdditions(kind: AdditionKind | undefined, value: unknown): unknown {
  if (isSingle(kind)) return typeof value === 'string' ? value : undefined
  const known = additionsIn(value)
  return known.length === 0 ? undefined : known
}

export const additionAt = (path: string, kind: AdditionKind, library: readonly ModelInfo[]): ModelInfo | undefined =>
  library.find(model => model.path === path && model.kind === kind)

const KNOWN = (family: string | undefined): family is string => family !== undefined && family !== 'unknown'
/** Kinds of models whose latents have the same four channels: files of their autoencoders cannot be told apart. */
const FOUR_CHANNELS: readonly string[] = ['sd1', 'sd2', 'sdxl', 'sdxl-refiner']

/** Whether something was made for this model, as far as both say what they are. */
export function suits(
  { kind, family }: Pick<ModelInfo, 'kind' | 'family'>,
  model: Pick<ModelInfo, 'family'> | undefined,
): boolean {
  if (!KNOWN(family) || !KNOWN(model?.family)) return true
  if (kind === 'vae' && FOUR_CHANNELS.includes(family)) return FOUR_CHANNELS.includes(model.family)
  return family === model.family
}

/** A value as the engine takes it: without what is switched off, or was made for another kind of model. */
export function additionsAsked(
  kind: AdditionKind | undefined,
  value: unknown,
  model: ModelInfo,
  library: readonly ModelInfo[],
): unknown {
  const isUsed = (path: string) => {
    const known = kind === undefined ? undefined : additionAt(path, kind, library)
    return known === undefined || suits(known, model)
  }
  if (typeof value === 'string') return isUsed(value) ? value : ''
  return additionsIn(value)
    .filter(each => each.off !== true && isUsed(each.model))
    .map(({ off: _, ...rest }) => rest)
}

/** What a recipe puts beside its model, by the paths of this computer: a file that lies elsewhere here is known by its hash. */
export function localAdditions(value: unknown, { additions }: Recipe, library: readonly ModelInfo[]): unknown {
  const local = (path: string): string => {
    const hash = additions?.find(({ model }) => model === path)?.hash
    const isHere = library.some(model => model.path === path)
    return (isHere ? undefined : library.find(model => hash !== undefined && model.hash === hash)?.path) ?? path
  }
  if (typeof value === 'string') return value === '' ? value : local(value)
  return additionsIn(value).map(each => ({ ...each, model: local(each.model) }))
}

/** The word by which a prompt uses an embedding. */
export const wordOf = ({ model, word }: Addition, known: ModelInfo | undefined): string =>
  word ?? known?.triggerWords?.[0] ?? lastName(model).replace(/\.[^.]+$/, '')

/** The name of a file or folder, of any system. */
export const lastName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

/** The name of the folder that a file or folder lies in. */
export const folderName = (path: string): string => path.split(/[/\\]/).at(-2) ?? path

/** A prompt with a word at its end. */
export function withWord(prompt: string, word: string): string {
  const before = prompt.trimEnd().replace(/,$/, '')
  return before === '' ? word : `${before}, ${word}`
}

export const hasWord = (prompt: string, word: string): boolean => prompt.toLowerCase().includes(word.toLowerCase())

const FAMILIES: Readonly<Record<string, string>> = {
  sd1: 'Stable Diffusion 1.x',
  sd2: 'Stable Diffusion 2.x',
  sdxl: 'Stable Diffusion XL',
  'sdxl-refiner': 'Stable Diffusion XL refiner',
  sd3: 'Stable Diffusion 3',
  flux: 'Flux',
}

/** What a model belongs to, in words; nothing where nothing says so. */
export function familyWords({ kind, family }: Pick<ModelInfo, 'kind' | 'family'>): string | undefined {
  if (!KNOWN(family)) return undefined
  if (kind === 'vae' && FOUR_CHANNELS.includes(family)) return 'Stable Diffusion 1.x, 2.x, XL'
  return FAMILIES[family] ?? family
}
