import { z } from 'zod'
import type { CheckpointAdditions } from '../runtime/checkpoint.ts'
import { chooseCompanions } from '../weights/companions.ts'
import type { ModelKind } from '../weights/model-kinds.ts'
import type { ModelSource } from '../weights/model-source.ts'
import type { StoredParameters } from './check-parameters.ts'
import { classifierParameters, guideParameters } from './guide-parameters.ts'
import { isImagePrompt } from './image-prompts.ts'
import { learned } from './learned-parameters.ts'
import type { Operation } from './operation.ts'
import { controls, embeddings, loras, textEncoders, vae } from './parameters.ts'

const { guidePicture, guideMask } = guideParameters
const { guideClassifier } = classifierParameters
const continued = z.string().default('')
const additions = z.object({
  ...{ loras, embeddings, controls, vae, textEncoders, continued, guidePicture, guideMask, guideClassifier },
  learned: learned.default(''),
})

/** What parameters put beside the checkpoint; operations without such parameters put nothing there. */
export function additionsOf(parameters: StoredParameters): CheckpointAdditions {
  const { loras, embeddings, controls, vae, textEncoders } = additions.parse(parameters)
  const [placed, shown] = [controls.filter(each => !isImagePrompt(each)), controls.filter(isImagePrompt)]
  return {
    loras: loras.map(({ model, strength }) => ({ path: model, strength })),
    embeddings: embeddings.map(({ model, word }) => ({ path: model, ...(word !== undefined && { word }) })),
    ...(placed.length > 0 && { controls: [...new Set(placed.map(({ model }) => model))] }),
    ...(shown.length > 0 && {
      imagePrompts: shown.map(({ model, encoder, also }) => ({ path: model, encoder, pictures: 1 + also.length })),
    }),
    ...(vae !== '' && { vae }),
    ...(textEncoders.length > 0 && { textEncoders: textEncoders.map(({ model }) => model) }),
  }
}

/** The operation's parameters that are whole models, by path. */
export const modelParameters = ({ parameters }: Operation): string[] =>
  Object.entries(parameters.shape).flatMap(([name, field]) =>
    z.globalRegistry.get(field)?.takes === 'checkpoint' ? [name] : [],
  )

/** Files and folders that parameters name, each once. */
export function additionFiles(parameters: StoredParameters): string[] {
  const { loras = [], embeddings = [], vae, textEncoders = [] } = additionsOf(parameters)
  const { controls: chosen, continued, guidePicture, guideMask, guideClassifier, learned } = additions.parse(parameters)
  const pictures = chosen.flatMap(({ image, also }) => [image, ...also])
  const controls = chosen.flatMap(({ model, encoder }) => (encoder === '' ? [model] : [model, encoder]))
  const paths = [...loras, ...embeddings].map(({ path }) => path)
  return [
    ...new Set([
      ...paths,
      ...(vae ? [vae] : []),
      ...textEncoders,
      ...controls,
      ...pictures,
      ...[guidePicture, guideMask, guideClassifier].filter(path => path !== ''),
      ...(continued ? [continued] : []),
      ...(learned ? [learned] : []),
    ]),
  ]
}

/** What is put beside a checkpoint. */
type AdditionKind = Extract<
  ModelKind,
  | 'lora'
  | 'embedding'
  | 'vae'
  | 'text-encoder'
  | 'controlnet'
  | 'image-encoder'
  | 'learned-picture'
  | 'depth-network'
  | 'pose-network'
  | 'classifier'
>

const finderKind = (prepare: string): AdditionKind => (prepare === 'depth' ? 'depth-network' : 'pose-network')

/** The parameters with every such name, and every picture, as `find` gives it; parameters that the schema would refuse stay as they are. */
export function withAdditionFiles(
  parameters: StoredParameters,
  find: (name: string, kind: AdditionKind | 'picture') => string,
): StoredParameters {
  const { data } = additions.safeParse(parameters)
  if (data === undefined) return parameters
  const { loras, embeddings, controls, vae, textEncoders, continued, learned } = data
  const { guidePicture, guideMask, guideClassifier } = data
  const found = <Item extends { model: string }>(items: readonly Item[], kind: AdditionKind) =>
    items.map(item => ({ ...item, model: find(item.model, kind) }))
  const named = (name: string, kind: AdditionKind | 'picture') => (name === '' ? '' : find(name, kind))
  return {
    ...parameters,
    ...('loras' in parameters && { loras: found(loras, 'lora') }),
    ...('embeddings' in parameters && { embeddings: found(embeddings, 'embedding') }),
    ...('textEncoders' in parameters && { textEncoders: found(textEncoders, 'text-encoder') }),
    ...('controls' in parameters && {
      controls: found(controls, 'controlnet').map(control => ({
        ...control,
        image: find(control.image, 'picture'),
        finder: control.finder === '' ? '' : find(control.finder, finderKind(control.prepare)),
        also: control.also.map(each => find(each, 'picture')),
        encoder: control.encoder === '' ? '' : find(control.encoder, 'image-encoder'),
      })),
    }),
    ...('continued' in parameters && { continued: named(continued, 'controlnet') }),
    ...('guidePicture' in parameters && { guidePicture: named(guidePicture, 'picture') }),
    ...('guideMask' in parameters && { guideMask: named(guideMask, 'picture') }),
    ...('guideClassifier' in parameters && { guideClassifier: named(guideClassifier, 'classifier') }),
    ...('vae' in parameters && { vae: named(vae, 'vae') }),
    ...('learned' in parameters && { learned: named(learned, 'learned-picture') }),
  }
}

/** The parameters with the networks that find joints, and say how near things are, for controls that are made of any picture.
 *  @param finders their files or folders; absent where there are none */
export function withFinders(
  parameters: StoredParameters,
  finders: { readonly pose?: string | undefined; readonly depth?: string | undefined },
): StoredParameters {
  const { data } = additions.safeParse(parameters)
  if (data === undefined || !('controls' in parameters)) return parameters
  const controls = data.controls.map(control => {
    const { prepare, finder } = control
    if ((prepare !== 'pose' && prepare !== 'depth') || finder !== '') return control
    return { ...control, finder: finders[prepare] ?? '' }
  })
  return { ...parameters, controls }
}

/** The parameters with the CLIP model that comes with the app, where they need one and name none. @param own its folder */
export function withOwnClip(parameters: StoredParameters, own: string | undefined): StoredParameters {
  const { guideModel, guideWords, guidePicture, pictureLikeness } = parameters
  const isNeeded = guideWords !== '' || (guidePicture !== '' && pictureLikeness === 'meaning')
  return guideModel === '' && isNeeded && own !== undefined ? { ...parameters, guideModel: own } : parameters
}

/** The parameters with the files of the library for what a model lacks; the person's own choice comes first.
 *  @throws Problem as `chooseCompanions` */
export function withChosenCompanions(
  parameters: StoredParameters,
  model: ModelSource,
  candidates: Parameters<typeof chooseCompanions>[2],
): StoredParameters {
  if (!('textEncoders' in parameters) || (model.missing ?? []).length === 0) return parameters
  const { textEncoders = [], vae = '' } = chooseCompanions(model, additionsOf(parameters), candidates)
  return { ...parameters, textEncoders: textEncoders.map(path => ({ model: path })), vae }
}
