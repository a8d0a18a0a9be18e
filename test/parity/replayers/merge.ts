import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { mergedLoras } from '../../../app/runtime/merge-loras.ts'
import { tensor } from '../../../app/tensor/tensor.ts'
import { writeChangedFile } from '../../../app/weights/changed-copy.ts'
import { fitLora, layersOf, openLora } from '../../../app/weights/lora.ts'
import { addedDifference, type ChangedTensor, mergeMetadata, weightedSum } from '../../../app/weights/merge.ts'
import { openSafetensors, readTensor } from '../../../app/weights/safetensors.ts'
import { openWeightFile, type WeightFiles } from '../../../app/weights/weight-files.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('weighted_sum'), a: z.string(), b: z.string(), share: z.number() }),
  z.strictObject({
    method: z.literal('add_difference'),
    a: z.string(),
    b: z.string(),
    c: z.string(),
    amount: z.number(),
  }),
  z.strictObject({
    method: z.literal('lora'),
    base: z.string(),
    loras: z.array(z.strictObject({ file: z.string(), strength: z.number() })),
  }),
])

/** Models merged with each other or with LoRAs: every tensor of the new file, its type, and its record. */
export const replayMerge: Replayer = async ({ params, root, outputs }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-merge-'))
  try {
    const path = join(folder, 'merged.safetensors')
    const { files, changed } = merge(parsed.data, name => join(root, name))
    const record = mergeMetadata({ method: parsed.data.method, parts: [] })
    for await (const _ of writeChangedFile(path, files, { changed }, record));
    const file = openSafetensors(path)
    const entries = [...file.tensors.values()]
    const isWritten = file.metadata.sfumato_merge !== undefined
    return {
      outputs: Object.fromEntries(
        entries
          .filter(({ name }) => outputs.has(name))
          .map(({ name, shape }) => [name, tensor(shape, readTensor(file, name))]),
      ),
      expected: {
        dtypes: Object.fromEntries(entries.map(({ name, dtype }) => [name, dtype]).sort()),
        recorded: isWritten,
      },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Merge {
  readonly files: WeightFiles['files']
  readonly changed: readonly ChangedTensor[]
}

function merge(chosen: z.output<typeof parameters>, at: (name: string) => string): Merge {
  const open = (name: string) => openWeightFile(at(name))
  if (chosen.method === 'weighted_sum') {
    const a = open(chosen.a)
    return { files: a.files, changed: weightedSum(a, open(chosen.b), chosen.share).changed }
  }
  if (chosen.method === 'add_difference') {
    const a = open(chosen.a)
    return { files: a.files, changed: addedDifference(a, open(chosen.b), open(chosen.c), chosen.amount).changed }
  }
  const weights = open(chosen.base)
  const fitted = chosen.loras.map(({ file, strength }) => {
    const fit = fitLora(openLora(at(file)), 'unet', layersOf(weights))
    if (fit === undefined || fit.unmatched.length > 0) throw new Error(`${file} does not fit ${chosen.base}`)
    return { fitted: fit, strength }
  })
  return { files: weights.files, changed: mergedLoras(weights, fitted, 1) }
}
