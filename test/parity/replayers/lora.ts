import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import { fitLoras } from '../../../app/runtime/fit-loras.ts'
import { mergedLoras } from '../../../app/runtime/merge-loras.ts'
import type { StrongLora } from '../../../app/runtime/network.ts'
import { tensor } from '../../../app/tensor/tensor.ts'
import { writeChangedFile } from '../../../app/weights/changed-copy.ts'
import { type Component, openDiffusersFolder } from '../../../app/weights/diffusers-folder.ts'
import { openSafetensors, readTensor } from '../../../app/weights/safetensors.ts'
import type { Variant } from '../goldens.ts'
import { chosenPrecision, withModelFolder } from '../models.ts'
import { callSchema, draw, seeds } from './pipeline.ts'
import { type Output, type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  file: z.string(),
  format: z.string(),
  scale: z.number(),
  call: callSchema,
  seed: seeds,
  library_check: z.boolean(),
})

/** The model that the reference loads the LoRAs and embeddings of its cases into, and its sampler. */
export const MODEL = 'models/sd1'
export const DDIM = {
  file: 'scheduler_config.json',
  content: {
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    clip_sample: false,
    set_alpha_to_one: false,
    steps_offset: 1,
  },
  className: 'DDIMScheduler',
}

/** The parts of that model, with that sampler. */
export function modelWithDdim(root: string) {
  const { components } = openDiffusersFolder(join(root, MODEL))
  const parts = ['unet', 'vae', 'text_encoder', 'tokenizer'].map(name => {
    const { folder = '', className = '' } = components.get(name) ?? {}
    return [name, { folder, className }] as const
  })
  return { ...Object.fromEntries(parts), scheduler: DDIM }
}

/** A picture drawn with a LoRA in the graph, and the weights that merging it gives. */
export const replayLora: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { file, scale, call, seed } = parsed.data
  const loras = [{ path: join(variant.root, file), strength: scale }]
  return withModelFolder(modelWithDdim(variant.root), async (folder, runtime) => {
    const drawn = await draw(variant, new Checkpoint(folder, runtime, { loras, precision: chosenPrecision() }), {
      call,
      seed,
    })
    if ('leftOut' in drawn) return drawn
    const { latents, image } = drawn.outputs
    const merged = await mergeAll(variant, loras)
    const outputs: Record<string, Output> = { latents, image, ...merged.outputs }
    // The library's own run with the LoRA beside the weights is held against the same picture.
    if (variant.outputs.has('latents_diffusers_runtime')) outputs.latents_diffusers_runtime = latents
    const { library_agrees, library_fused_agrees } = variant.expected // of the library with itself
    return {
      outputs,
      expected: {
        library_agrees,
        library_fused_agrees,
        n_layers: merged.layers.length,
        layers: inOrderOf(variant.expected.layers, merged.layers),
      },
    }
  })
}

/** Layers in the order of the reference's list; what it lacks comes last. */
function inOrderOf(list: unknown, layers: readonly string[]): string[] {
  const order = Array.isArray(list) ? list : []
  const place = (layer: string) => (order.includes(layer) ? order.indexOf(layer) : order.length)
  return layers.toSorted((a, b) => place(a) - place(b))
}

async function mergeAll(variant: Variant, loras: readonly { path: string; strength: number }[]) {
  const model = openDiffusersFolder(join(variant.root, MODEL))
  const [unet, textEncoder] = [model.component('unet'), model.component('text_encoder')]
  const { fitted } = fitLoras(loras, { unet, text_encoder: textEncoder })
  const parts = [
    await mergeOne('unet', unet, fitted.unet ?? [], variant),
    await mergeOne('te', textEncoder, fitted.text_encoder ?? [], variant),
  ]
  return {
    layers: parts.flatMap(({ layers }) => layers),
    outputs: Object.assign({}, ...parts.map(({ outputs }) => outputs)) as Record<string, Output>,
  }
}

async function mergeOne(prefix: string, { weights }: Component, loras: readonly StrongLora[], { outputs }: Variant) {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-merge-'))
  try {
    const path = join(folder, 'merged.safetensors')
    const changed = mergedLoras(weights, loras, 1)
    for await (const _ of writeChangedFile(path, weights.files, { changed }, {}));
    const layers = changed.map(({ found }) => found.entry.name.replace(/^text_model\./, '').replace(/\.weight$/, ''))
    const file = openSafetensors(path)
    const wanted = [...file.tensors.values()].flatMap(({ name, shape }): [string, Output][] => {
      const layer = name.replace(/^text_model\./, '').replace(/\.weight$/, '')
      const output = `fused/${prefix}.${layer}`
      return outputs.has(output) ? [[output, tensor(shape, readTensor(file, name))]] : []
    })
    return { layers: layers.map(layer => `${prefix}.${layer}`), outputs: Object.fromEntries(wanted) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
