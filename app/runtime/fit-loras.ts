import { clipParts, denoiserPart, t5Part } from '../models/parts.ts'
import { t5Encoder } from '../models/t5-encoder.ts'
import { Problem } from '../problem.ts'
import { fitLora, layersOf, openLora } from '../weights/lora.ts'
import type { AdaptedNetwork } from '../weights/lora-keys.ts'
import type { Component, ModelSource } from '../weights/model-source.ts'
import type { StrongLora } from './network.ts'

/** LoRAs fitted to the networks of a checkpoint. */
export interface FittedLoras {
  readonly fitted: Readonly<Partial<Record<AdaptedNetwork, readonly StrongLora[]>>>
  /** What found no layer: path of the file, network and name in the file. */
  readonly unmatched: readonly string[]
}

/** The networks of a checkpoint that LoRAs can change; text encoders that its file lacks are left out. @throws Problem COMPONENT_* */
export function adaptedComponents(folder: ModelSource): Readonly<Partial<Record<AdaptedNetwork, Component>>> {
  const { name, classes } = denoiserPart(folder)
  const t5 = t5Part(folder)
  const texts: [string, string, readonly string[]][] = Object.entries(clipParts(folder)).map(([part, own]) => [
    part,
    part,
    own,
  ])
  if (t5) texts.push(['t5', t5.encoder, [t5Encoder.className]])
  const found = texts.filter(([, part]) => folder.components.has(part))
  return {
    unet: folder.component(name, classes),
    ...Object.fromEntries(found.map(([network, part, own]) => [network, folder.component(part, own)])),
  }
}

/** Opens LoRAs and finds the layers that they change. Layers that a model lacks are listed, unless a file has no other.
 *  @throws Problem LORA_*, SAFETENSORS_*, FILE_* */
export function fitLoras(
  loras: readonly { readonly path: string; readonly strength: number }[],
  components: Readonly<Partial<Record<AdaptedNetwork, Component>>>,
): FittedLoras {
  const networks = Object.entries(components) as [AdaptedNetwork, Component][]
  const layers = new Map(loras.length === 0 ? [] : networks.map(([name, { weights }]) => [name, layersOf(weights)]))
  const fitted: Partial<Record<AdaptedNetwork, StrongLora[]>> = {}
  const unmatched: string[] = []
  for (const { path, strength } of loras) {
    const lora = openLora(path)
    unmatched.push(...lora.unknown.map(key => `${path}: ${key}`))
    let found = false
    for (const [network, own] of lora.layers) {
      const known = layers.get(network)
      const fit = known && fitLora(lora, network, known)
      const left = fit?.unmatched ?? [...own.keys()]
      unmatched.push(...left.map(name => `${path}: ${network} ${name}`))
      if (fit === undefined) continue
      found = true
      fitted[network] = [...(fitted[network] ?? []), { fitted: fit, strength }]
    }
    if (found) continue
    const [network] = lora.layers.keys()
    throw new Problem(
      'LORA_BASE',
      `${path} belongs to another base model: it changes a ${network}, which this one lacks.`,
      {
        hint: 'Choose a LoRA that was made for this kind of model (Stable Diffusion 1.5, 2.1, XL ...).',
      },
    )
  }
  return { fitted, unmatched }
}
