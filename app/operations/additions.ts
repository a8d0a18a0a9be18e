import { z } from 'zod'
import type { CheckpointAdditions } from '../runtime/checkpoint.ts'
import type { ModelKind } from '../weights/model-kinds.ts'
import type { StoredParameters } from './check-parameters.ts'
import type { Operation } from './operation.ts'
import { embeddings, loras, vae } from './parameters.ts'

const additions = z.object({ loras, embeddings, vae })

/** What parameters put beside the checkpoint; operations without such parameters put nothing there. */
export function additionsOf(parameters: StoredParameters): CheckpointAdditions {
  const { loras, embeddings, vae } = additions.parse(parameters)
  return {
    loras: loras.map(({ model, strength }) => ({ path: model, strength })),
    embeddings: embeddings.map(({ model, word }) => ({ path: model, ...(word !== undefined && { word }) })),
    ...(vae !== '' && { vae }),
  }
}

/** The operation's parameters that are whole models, by path. */
export const modelParameters = ({ parameters }: Operation): string[] =>
  Object.entries(parameters.shape).flatMap(([name, field]) =>
    z.globalRegistry.get(field)?.takes === 'checkpoint' ? [name] : [],
  )

/** Files and folders that parameters name, each once. */
export function additionFiles(parameters: StoredParameters): string[] {
  const { loras = [], embeddings = [], vae } = additionsOf(parameters)
  return [...new Set([...loras, ...embeddings].map(({ path }) => path).concat(vae ?? []))]
}

/** What is put beside a checkpoint. */
type AdditionKind = Extract<ModelKind, 'lora' | 'embedding' | 'vae'>

/** The parameters with every such name as `find` gives it; parameters that the schema would refuse stay as they are. */
export function withAdditionFiles(
  parameters: StoredParameters,
  find: (name: string, kind: AdditionKind) => string,
): StoredParameters {
  const { data } = additions.safeParse(parameters)
  if (data === undefined) return parameters
  const { loras, embeddings, vae } = data
  const found = <Item extends { model: string }>(items: readonly Item[], kind: AdditionKind) =>
    items.map(item => ({ ...item, model: find(item.model, kind) }))
  return {
    ...parameters,
    ...('loras' in parameters && { loras: found(loras, 'lora') }),
    ...('embeddings' in parameters && { embeddings: found(embeddings, 'embedding') }),
    ...('vae' in parameters && { vae: vae === '' ? '' : find(vae, 'vae') }),
  }
}
