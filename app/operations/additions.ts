import { z } from 'zod'
import type { CheckpointAdditions } from '../runtime/checkpoint.ts'
import {
  isByNetwork,
  type NetworkPreparation,
  ownFinder,
  type Preparation,
  preparationNames,
} from '../tensor/preparations.ts'
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
const depthFinder = z.string().default('')
const additions = z.object({
  ...{ loras, embeddings, controls, vae, textEncoders, continued, guidePicture, guideMask, guideClassifier },
  depthFinder,
  learned: learned.default(''),
})

/** Of a training: what it finds in its pictures, and by which network. */
const looking = z.object({ prepare: z.enum(preparationNames), finder: z.string() })

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
type Find = (name: string, kind: AdditionKind | 'picture') => string

/** Parameters that name one file each, or none: ''. */
const single = {
  ...{ vae: 'vae', continued: 'controlnet', learned: 'learned-picture' },
  ...{ guidePicture: 'picture', guideMask: 'picture', guideClassifier: 'classifier' },
  depthFinder: 'depth-network',
} as const satisfies Partial<Record<keyof z.output<typeof additions>, Parameters<Find>[1]>>
const singleNames = Object.keys(single) as (keyof typeof single)[]

/** Files and folders that parameters name, each once. */
export function additionFiles(parameters: StoredParameters): string[] {
  const chosen = additions.parse(parameters)
  const listed = [...chosen.loras, ...chosen.embeddings, ...chosen.textEncoders].map(({ model }) => model)
  const controls = chosen.controls.flatMap(({ model, encoder, image, also }) => [model, encoder, image, ...also])
  const paths = [...listed, ...controls, ...singleNames.map(name => chosen[name])]
  return [...new Set(paths.filter(path => path !== ''))]
}

const finderKind = (prepare: Preparation): AdditionKind => (prepare === 'depth' ? 'depth-network' : 'pose-network')

/** The parameters with every such name, and every picture, as `find` gives it; parameters that the schema would refuse stay as they are. */
export function withAdditionFiles(parameters: StoredParameters, find: Find): StoredParameters {
  const { data } = additions.safeParse(parameters)
  if (data === undefined) return parameters
  const named: Find = (name, kind) => (name === '' ? '' : find(name, kind))
  const listed = <Item extends { model: string }>(items: readonly Item[], kind: AdditionKind) =>
    items.map(item => ({ ...item, model: find(item.model, kind) }))
  const found = {
    loras: listed(data.loras, 'lora'),
    embeddings: listed(data.embeddings, 'embedding'),
    textEncoders: listed(data.textEncoders, 'text-encoder'),
    controls: listed(data.controls, 'controlnet').map(control => ({
      ...control,
      image: find(control.image, 'picture'),
      finder: control.finder === ownFinder ? ownFinder : named(control.finder, finderKind(control.prepare)),
      also: control.also.map(each => find(each, 'picture')),
      encoder: named(control.encoder, 'image-encoder'),
    })),
    ...lookedWith(parameters, (prepare, finder) =>
      finder === ownFinder ? ownFinder : named(finder, finderKind(prepare)),
    ),
    ...Object.fromEntries(singleNames.map(name => [name, named(data[name], single[name])])),
  }
  return { ...parameters, ...Object.fromEntries(Object.entries(found).filter(([name]) => name in parameters)) }
}

/** The network that a training looks with, where it does. */
function lookedWith(
  parameters: StoredParameters,
  chosen: (prepare: NetworkPreparation, finder: string) => string,
): { readonly finder?: string } {
  const { data } = looking.safeParse(parameters)
  return data && isByNetwork(data.prepare) ? { finder: chosen(data.prepare, data.finder) } : {}
}

/** The networks that find joints, and say how near things are: those of the library in their order, and what comes with the app. Files or folders. */
export type Finders = Readonly<
  Record<NetworkPreparation, { readonly brought: readonly string[]; readonly own?: string }>
>

/** The parameters with the networks that find joints, and say how near things are, for pictures that ask for it: the one that is named, else
 *  the first of the person's, else the one that comes with the app. */
export function withFinders(parameters: StoredParameters, finders: Finders): StoredParameters {
  const { data } = additions.safeParse(parameters)
  if (data === undefined) return parameters
  const chosen = (prepare: NetworkPreparation, finder: string): string => {
    const { brought, own = '' } = finders[prepare]
    if (finder === ownFinder) return own
    return finder === '' ? (brought[0] ?? own) : finder
  }
  const controls = data.controls.map(control => {
    const { prepare, finder } = control
    return isByNetwork(prepare) ? { ...control, finder: chosen(prepare, finder) } : control
  })
  return {
    ...parameters,
    ...('controls' in parameters && { controls }),
    ...lookedWith(parameters, chosen),
    ...('depthFinder' in parameters && { depthFinder: chosen('depth', data.depthFinder) }),
  }
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
