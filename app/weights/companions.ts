import { Problem } from '../problem.ts'
import type { Component, ModelSource } from './model-source.ts'

/** Files that stand beside a file which holds a denoising network alone, as in ComfyUI's folders. */
export interface Companions {
  readonly textEncoders?: readonly string[]
  readonly vae?: string
}

/** A part that a single file lacks and another file can give. */
export interface MissingPart {
  /** Of the component. */
  readonly name: string
  readonly kind: 'text-encoder' | 'vae'
  /** What it is and what its file is mostly called, for a person. */
  readonly words: string
  /** Whether pictures are drawn without it too. */
  readonly isOptional: boolean
  /** The part in a file, with what belongs to it (a tokenizer), where the file holds it and it fits the network; else nothing.
   *  @throws Problem FILE_*, SAFETENSORS_* */
  open(path: string): readonly Component[]
}

/** A model with what it lacks taken from files beside it; one that lacks nothing takes nothing. @throws Problem COMPANION_FIT where a file gives nothing that is missing */
export function withCompanions(model: ModelSource, { textEncoders = [], vae }: Companions): ModelSource {
  const { missing = [] } = model
  if (missing.length === 0) return model
  const found = new Map<string, Component>()
  // A VAE beside a model that has one takes its place: that is another matter.
  const lacksVae = missing.some(({ kind }) => kind === 'vae')
  for (const path of [...textEncoders, ...(vae !== undefined && lacksVae ? [vae] : [])]) {
    const given = missing.filter(({ name }) => !found.has(name)).flatMap(part => part.open(path))
    if (given.length === 0) throw fitsNowhere(model, path)
    for (const component of given) found.set(component.name, component)
  }
  if (found.size === 0) return model
  const entries = [...found.values()].map(({ name, className, folder }) => {
    return [name, { name, library: undefined, className, folder }] as const
  })
  return {
    ...model,
    missing: missing.filter(({ name }) => !found.has(name)),
    components: new Map([...model.components, ...entries]),
    component: (name, classes) => found.get(name) ?? model.component(name, classes),
  }
}

/** A part that a model lacks, and the files that can give it. */
export interface LackedPart extends Pick<MissingPart, 'words' | 'isOptional'> {
  /** Of the library: exactly one is taken by itself. */
  readonly files: readonly string[]
}

/** What a model lacks, and which files of the library fit. Files that cannot be opened do not.
 *  @param candidates as `chooseCompanions` */
export function lackedParts(
  { missing = [] }: ModelSource,
  candidates: (kind: MissingPart['kind']) => readonly string[],
): LackedPart[] {
  return missing.map(part => ({
    words: part.words,
    isOptional: part.isOptional,
    files: candidates(part.kind).filter(path => fits(part, path)),
  }))
}

function fits(part: MissingPart, path: string): boolean {
  try {
    return part.open(path).length > 0
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

/** Files for what a model lacks, where exactly one fits: what was chosen first.
 *  @param candidates paths of the files that the library has of a kind
 *  @throws Problem COMPANION_MISSING, COMPANION_CHOICE; FILE_*, SAFETENSORS_* */
export function chooseCompanions(
  model: ModelSource,
  { textEncoders = [], vae }: Companions,
  candidates: (kind: MissingPart['kind']) => readonly string[],
): Companions {
  const rest = withCompanions(model, { textEncoders, ...(vae !== undefined && { vae }) }).missing ?? []
  const chosen = rest.flatMap(part => {
    const fitting = candidates(part.kind).filter(path => part.open(path).length > 0)
    if (fitting.length > 1) throw severalFit(model, part, fitting)
    if (fitting.length === 0 && !part.isOptional) throw noneFits(model, part)
    return fitting.map(path => ({ kind: part.kind, path }))
  })
  const ofKind = (wanted: MissingPart['kind']) => chosen.filter(({ kind }) => kind === wanted).map(({ path }) => path)
  const chosenVae = vae ?? ofKind('vae')[0]
  return {
    textEncoders: [...textEncoders, ...ofKind('text-encoder')],
    ...(chosenVae !== undefined && { vae: chosenVae }),
  }
}

const fitsNowhere = ({ path }: ModelSource, file: string): Problem =>
  new Problem('COMPANION_FIT', `${file} holds nothing that ${path} lacks, or was made for another kind of model.`, {
    hint: 'Leave it out, or choose another file.',
  })

const noneFits = ({ path }: ModelSource, { words, kind }: MissingPart): Problem =>
  new Problem('COMPANION_MISSING', `${path} holds no ${words}, and no file in the library fits.`, {
    hint: `Add such a file in Models, from the folder models/${kind === 'vae' ? 'vae' : 'text_encoders'} of ComfyUI, say.`,
  })

const severalFit = ({ path }: ModelSource, { words, kind }: MissingPart, fitting: readonly string[]): Problem =>
  new Problem('COMPANION_CHOICE', `${path} holds no ${words}, and several files fit: ${fitting.join(', ')}.`, {
    hint: 'Choose one of them in the settings.',
    details: { field: kind === 'vae' ? 'vae' : 'textEncoders' },
  })
