import { z } from 'zod'
import { besides } from '../models/description.ts'
import { Problem } from '../problem.ts'
import { adaptedComponents, fitLoras } from '../runtime/fit-loras.ts'
import { adaptedNetworks } from '../weights/lora-keys.ts'
import { openModel } from '../weights/open-model.ts'
import { modelName } from './merge-parameters.ts'
import { mergedPlace, partOfRecord, writeMerged } from './merging.ts'
import type { Operation } from './operation.ts'
import { loras } from './parameters.ts'

const parameters = z.object({ loras, name: modelName })

/** LoRAs become a part of a model: it draws then as it does with them beside it. */
export const mergeLoras: Operation<typeof parameters, 'checkpoint', 'making'> = {
  id: 'merge-loras',
  version: 1,
  title: 'Merge LoRAs into a model',
  description: 'Makes a new model that has LoRAs in it, each with its strength.',
  needs: { model: 'checkpoint', beside: besides },
  makes: mergedPlace,
  parameters,
  async *run(context, { loras: chosen, name }) {
    const { making } = context
    if (chosen.length === 0) {
      throw new Problem('PARAMETER_INVALID', 'There is no LoRA to merge.', {
        hint: 'Choose at least one.',
        details: { field: 'loras' },
      })
    }
    yield { phase: 'Comparing the models', step: 0, total: 1 }
    const source = openModel(making.source)
    const networks = adaptedComponents(source)
    const { fitted } = fitLoras(
      chosen.map(({ model, strength }) => ({ path: model, strength })),
      networks,
    )
    const changed = adaptedNetworks.flatMap(network => {
      const weights = networks[network]?.weights
      return weights ? making.mergedLoras(weights, fitted[network] ?? []) : []
    })
    const parts = [{ model: making.source, strength: 1 }, ...chosen]
    const record = { method: 'LoRA', parts: parts.map(({ model, strength }) => partOfRecord(model, strength, making)) }
    return yield* writeMerged({ source, changed, record, name }, context, making)
  },
}
